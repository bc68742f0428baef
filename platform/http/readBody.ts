import type { IncomingMessage } from 'node:http';
import { CodedError } from '../errors.js';
import { ByteCollector } from './byteCollector.js';

/** On the request itself, so that all requests share the same listeners. */
const BODY = Symbol('body');

interface Read extends IncomingMessage {
  [BODY]?: ArrivingBody;
}

/** What of a body is there, and who waits for the rest. */
class ArrivingBody {
  readonly whole: Promise<Buffer>;
  readonly maxBytes: number;
  readonly collector = new ByteCollector();
  resolve!: (body: Buffer) => void;
  reject!: (error: CodedError) => void;

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes;
    this.whole = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
  }
}

/**
 * The whole body as bytes; the same for all who ask, since it can be read once. Fails with `REQUEST_TOO_LARGE` as soon as
 * more than `maxBytes` are announced or sent, and with `BAD_REQUEST` when the client goes away half-way.
 */
export function readBody(request: Read, maxBytes: number): Promise<Buffer> {
  request[BODY] ??= read(request, maxBytes);
  return request[BODY].whole;
}

function read(request: Read, maxBytes: number): ArrivingBody {
  const body = new ArrivingBody(maxBytes);
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) body.reject(tooLarge(maxBytes));
  else request.on('data', take).on('end', finish).on('error', lose).on('close', lose);
  return body;
}

function take(this: Read, chunk: Buffer): void {
  const { collector, maxBytes, reject } = this[BODY] as ArrivingBody;
  if (collector.size + chunk.length <= maxBytes) {
    collector.add(chunk);
    return;
  }
  this.pause();
  reject(tooLarge(maxBytes));
}

function finish(this: Read): void {
  const { collector, resolve } = this[BODY] as ArrivingBody;
  resolve(collector.whole());
}

/** @param cause where the request ended with an error; it also ends when all of it was there */
function lose(this: Read, cause?: Error): void {
  if (cause === undefined && this.complete) return;
  this[BODY]?.reject(new CodedError('BAD_REQUEST', 'The body did not arrive whole.', { cause }));
}

function tooLarge(maxBytes: number): CodedError {
  return new CodedError('REQUEST_TOO_LARGE', `The body may have at most ${maxBytes} bytes.`);
}
