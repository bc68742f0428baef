import type { IncomingMessage } from 'node:http';
import { CodedError } from '../errors.js';
import { ByteCollector } from './byteCollector.js';

/** On the request itself, so that all requests share the same listeners. */
const BODY = Symbol('body');

/**
 * Each piece costs as much as some kilobytes of a large one, whatever is in it: a million of one byte each would hold up
 * everybody else for a second and more. A document of 100 KB that is sent token by token stays below.
 */
const MAX_SMALL_PIECES = 16_384;
const SMALL_PIECE_BYTES = 64;

/** Told how each body came out: once, however many ask for it. */
export interface BodyWatch {
  /** More was announced or sent than it may have. */
  tooLarge(): void;
  whole(bytes: number): void;
}

interface Read extends IncomingMessage {
  [BODY]?: ArrivingBody;
}

/** What of a body is there, and who waits for the rest. */
class ArrivingBody {
  readonly whole: Promise<Buffer>;
  readonly maxBytes: number;
  readonly watch: BodyWatch | undefined;
  readonly collector = new ByteCollector();
  pieces = 0;
  resolve!: (body: Buffer) => void;
  reject!: (error: CodedError) => void;

  constructor(maxBytes: number, watch: BodyWatch | undefined) {
    this.maxBytes = maxBytes;
    this.watch = watch;
    this.whole = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
  }

  get isCrumbled(): boolean {
    return this.pieces > MAX_SMALL_PIECES && this.collector.size < this.pieces * SMALL_PIECE_BYTES;
  }

  refuse(): void {
    this.watch?.tooLarge();
    const what = this.isCrumbled
      ? `The body came in more than ${MAX_SMALL_PIECES} pieces of a few bytes each.`
      : `The body may have at most ${this.maxBytes} bytes.`;
    this.reject(new CodedError('REQUEST_TOO_LARGE', what));
  }
}

/**
 * The whole body as bytes; the same for all who ask, since it can be read once. Fails with `REQUEST_TOO_LARGE` as soon as
 * more than `maxBytes` are announced or sent, or more than 16,384 pieces of a few bytes each, and with `BAD_REQUEST` when
 * the client goes away half-way.
 */
export function readBody(request: Read, maxBytes: number, watch?: BodyWatch): Promise<Buffer> {
  request[BODY] ??= read(request, maxBytes, watch);
  return request[BODY].whole;
}

function read(request: Read, maxBytes: number, watch: BodyWatch | undefined): ArrivingBody {
  const body = new ArrivingBody(maxBytes, watch);
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) body.refuse();
  else request.on('data', take).on('end', finish).on('error', lose).on('close', lose);
  return body;
}

function take(this: Read, chunk: Buffer): void {
  const body = this[BODY] as ArrivingBody;
  body.pieces += 1;
  if (body.collector.size + chunk.length <= body.maxBytes && !body.isCrumbled) {
    body.collector.add(chunk);
    return;
  }
  // What else comes is no news.
  this.pause().off('data', take).off('end', finish);
  body.refuse();
}

function finish(this: Read): void {
  const { collector, watch, resolve } = this[BODY] as ArrivingBody;
  watch?.whole(collector.size);
  resolve(collector.whole());
}

/** @param cause where the request ended with an error; it also ends when all of it was there */
function lose(this: Read, cause?: Error): void {
  if (cause === undefined && this.complete) return;
  this[BODY]?.reject(new CodedError('BAD_REQUEST', 'The body did not arrive whole.', { cause }));
}
