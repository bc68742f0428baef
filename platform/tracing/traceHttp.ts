import type { IncomingMessage } from 'node:http';
import type { RequestHandler } from '../http/httpServer.js';
import { requestIdOf } from '../http/requestId.js';
import { parseTraceparent } from './traceContext.js';
import type { Span, Tracing } from './tracing.js';

const SPAN = Symbol('span');

interface TracedRequest extends Pick<IncomingMessage, 'headers'> {
  [SPAN]?: Span;
}

export interface TraceHttpOptions {
  readonly tracing: Tracing | undefined;
  /** Runs the handler with the span at hand. @default just runs it */
  readonly run?: (span: Span, handle: () => void | Promise<void>) => void | Promise<void>;
}

/** The same handler, each request a span, until the last byte of its answer has gone out or the client has. */
export function traceHttp(handler: RequestHandler, options: TraceHttpOptions): RequestHandler {
  const { tracing, run = (_span, handle) => handle() } = options;
  if (tracing === undefined) return handler;
  return (request: IncomingMessage & TracedRequest, response) => {
    const [path = '/'] = (request.url ?? '/').split('?', 1);
    const span = tracing.start(
      `${request.method} ${path}`,
      parseTraceparent(request.headers['traceparent']),
      {
        'http.request.method': request.method ?? '',
        'url.path': path,
        'headgate.request_id': requestIdOf(request),
      },
    );
    request[SPAN] = span;
    response.once('close', () => {
      span.set({ 'http.response.status_code': response.statusCode });
      const failed = response.writableFinished ? response.statusCode >= 500 : true;
      span.end(
        failed
          ? new Error(response.writableFinished ? 'the answer is an error' : 'the client went away')
          : undefined,
      );
    });
    return run(span, () => handler(request, response));
  };
}

export function spanOf(request: TracedRequest): Span | undefined {
  return request[SPAN];
}
