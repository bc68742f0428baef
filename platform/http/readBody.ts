import type { IncomingMessage } from 'node:http';
import { CodedError } from '../errors.js';

const BODY = Symbol('body');

interface Read extends IncomingMessage {
  [BODY]?: Promise<Buffer>;
}

/**
 * The whole body as bytes; the same for all who ask, since it can be read once. Fails with `REQUEST_TOO_LARGE` as soon as more than `maxBytes` are announced or sent,
 * and with `BAD_REQUEST` when the client goes away half-way.
 */
export function readBody(request: Read, maxBytes: number): Promise<Buffer> {
  request[BODY] ??= read(request, maxBytes);
  return request[BODY];
}

function read(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const tooLarge = () =>
      new CodedError('REQUEST_TOO_LARGE', `The body may have at most ${maxBytes} bytes.`);
    if (Number(request.headers['content-length'] ?? 0) > maxBytes) return reject(tooLarge());
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > maxBytes) {
        request.pause();
        reject(tooLarge());
        return;
      }
      chunks.push(chunk);
    });
    request.on('end', () =>
      resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, size)),
    );
    request.on('error', (cause) =>
      reject(new CodedError('BAD_REQUEST', 'The body did not arrive whole.', { cause })),
    );
    request.on('close', () => {
      if (!request.complete) reject(new CodedError('BAD_REQUEST', 'The body did not arrive whole.'));
    });
  });
}
