import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';
import { ByteCollector } from '../../platform/http/byteCollector.js';
import { onAbort } from './onAbort.js';

export interface ExchangeOptions {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Whether sending it twice does no harm: only then it shares an HTTP/2 connection with others under way. */
  readonly idempotent: boolean;
  /** An answer with more is given up. */
  readonly maxBytes: number;
  /** Aborted when nobody waits any more. */
  readonly signal: AbortSignal | undefined;
  /** Of the whole exchange. */
  readonly timeoutMs: number;
}

export interface Exchanged {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Buffer;
}

/** The deadline has passed. */
export class ExchangeTimeoutError extends Error {}
/** The answer has more bytes than it may have. */
export class TooManyBytesError extends Error {}

/**
 * One POST and its whole answer. `Dispatcher.request` would make a stream of each answer, to be read by an iterator, and
 * wants a signal for each request; answers that are kept whole in memory need none of that.
 */
export function exchange(dispatcher: Dispatcher, options: ExchangeOptions): Promise<Exchanged> {
  const { path, headers, body, idempotent, maxBytes, signal, timeoutMs } = options;
  return new Promise((resolve, reject) => {
    const collector = new ByteCollector();
    let controller: Dispatcher.DispatchController | undefined;
    let failure: Error | undefined;
    let leave: (() => void) | undefined;
    let status = 0;
    let answerHeaders: IncomingHttpHeaders = {};

    const settle = () => {
      clearTimeout(timer);
      leave?.();
    };
    /** Nobody waits for a request that stands in line, either. */
    const giveUp = (reason: Error) => {
      if (failure !== undefined) return;
      failure = reason;
      settle();
      reject(reason);
      controller?.abort(reason);
    };
    const timer = setTimeout(
      () => giveUp(new ExchangeTimeoutError('the deadline of a subgraph request has passed')),
      timeoutMs,
    );
    if (signal?.aborted) return giveUp(asError(signal.reason));
    leave = signal && onAbort(signal, () => giveUp(asError(signal.reason)));

    dispatcher.dispatch(
      // The one deadline above covers all stages.
      { method: 'POST', path, headers, body, idempotent, headersTimeout: 0, bodyTimeout: 0 },
      {
        onRequestStart(begun) {
          controller = begun;
          if (failure !== undefined) begun.abort(failure);
        },
        onResponseStart(_controller, statusCode, received) {
          status = statusCode;
          answerHeaders = received;
        },
        onResponseData(_controller, chunk) {
          if (collector.size + chunk.length <= maxBytes) collector.add(chunk);
          else giveUp(new TooManyBytesError(`more than ${maxBytes} bytes`));
        },
        onResponseEnd() {
          if (failure !== undefined) return;
          settle();
          resolve({ status, headers: answerHeaders, bytes: collector.whole() });
        },
        onResponseError(_controller, error) {
          giveUp(error);
        },
      },
    );
  });
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}
