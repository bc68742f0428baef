import type { ServerResponse } from 'node:http';
import type { GraphQLFormattedError } from 'graphql';
import { ERROR_CODES, isKnownCode } from '../../../platform/errors.js';
import { sendJson } from '../../../platform/http/sendJson.js';
import type { QueuedClient, StreamQueues } from '../streamQueues.js';
import type { StreamSink } from '../streamSink.js';
import type { HttpStreamFormat } from './httpStream.js';

export interface HttpSinkOptions {
  readonly response: ServerResponse;
  readonly format: HttpStreamFormat;
  /** Whether an operation that is refused at once may be answered with plain JSON and a status. */
  readonly takesJson: boolean;
  /** With more bytes waiting, the client is too slow, and the connection is cut. */
  readonly maxQueueBytes: number;
  readonly queues: StreamQueues;
  onSent(): void;
  onTooSlow(): void;
  /** Called once. */
  onEnd(sink: HttpSink): void;
}

/** Of a result, at most, beside its own bytes, in either format. */
const FRAME_BYTES = 100;

/** One operation on one HTTP response. */
export class HttpSink implements StreamSink, QueuedClient {
  readonly #options: HttpSinkOptions;
  #leave: (() => void) | undefined;
  #hasBegun = false;
  #over = false;

  constructor(options: HttpSinkOptions) {
    this.#options = options;
    options.response.once('close', () => this.#finish());
    // An error is followed by `close`.
    options.response.on('error', () => undefined);
  }

  /** The operation was taken, unless it has failed already. @param leave ends what sends the results */
  begin(leave: () => void): void {
    if (this.#over) {
      leave();
      return;
    }
    this.#leave = leave;
    this.#start();
  }

  next(result: Buffer): void {
    if (this.#over) return;
    this.#start();
    const { format, maxQueueBytes, queues } = this.#options;
    if (this.waitingBytes > maxQueueBytes) {
      this.closeTooSlow();
      return;
    }
    format.result(result);
    this.#options.onSent();
    queues.sent(this, result.length + FRAME_BYTES, result);
  }

  get waitingBytes(): number {
    return this.#options.response.writableLength;
  }

  closeTooSlow(): void {
    if (this.#over) return;
    this.#options.onTooSlow();
    // There is no way to tell a client that does not read; it sees that the response is not whole.
    this.cut();
  }

  fail(errors: readonly GraphQLFormattedError[]): void {
    if (this.#over) return;
    const { response, format, takesJson } = this.#options;
    if (!this.#hasBegun && takesJson) {
      this.#finish();
      sendJson(response, statusOf(errors), { errors });
      return;
    }
    this.#start();
    format.failed(errors);
    this.complete();
  }

  complete(): void {
    if (this.#over) return;
    this.#start();
    this.#finish();
    this.#options.format.complete();
  }

  heartbeat(): void {
    if (!this.#over && this.#hasBegun) this.#options.format.heartbeat();
  }

  cut(): void {
    this.#finish();
    this.#options.response.destroy();
  }

  /** Ends the response in a way that shows the client that it is not complete. */
  breakOff(): void {
    this.#finish();
    this.#options.response.end();
  }

  #start(): void {
    if (this.#hasBegun) return;
    this.#hasBegun = true;
    this.#options.format.begin();
  }

  #finish(): void {
    if (this.#over) return;
    this.#over = true;
    // What waits for it still is the server's matter now, as with any answer.
    this.#options.queues.forget(this);
    this.#leave?.();
    this.#leave = undefined;
    this.#options.onEnd(this);
  }
}

function statusOf([first]: readonly GraphQLFormattedError[]): number {
  const code = first?.extensions?.['code'];
  return isKnownCode(code) ? ERROR_CODES[code].status : 200;
}
