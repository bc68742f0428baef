import type { RequestHandler } from '../../platform/http/httpServer.js';
import { listen } from '../../platform/http/httpServer.js';
import type { HttpMetrics } from '../../platform/metrics/httpMetrics.js';
import { withCurrentSpan } from '../../platform/tracing/currentSpan.js';
import { traceHttp } from '../../platform/tracing/traceHttp.js';
import type { Tracing } from '../../platform/tracing/tracing.js';
import type { Subgraph } from './subgraph.js';

export interface StartSubgraphOptions {
  /** @default '127.0.0.1' */
  readonly host?: string | undefined;
  /** 0 takes any free port. */
  readonly port: number;
  /** How long `close` waits for requests under way before it cuts them. @default 10000 */
  readonly drainTimeoutMs?: number | undefined;
  /** Counts and times requests of the graph. */
  readonly metrics?: { readonly http: HttpMetrics } | undefined;
  /** Makes spans of them, and of what they do. */
  readonly tracing?: Tracing | undefined;
}

export interface RunningSubgraph {
  /** `http://host:port`; the graph is at `/graphql`. */
  readonly url: string;
  /** Not ready, finish what is under way, close. */
  close(): Promise<void>;
}

export async function startSubgraph(
  subgraph: Subgraph,
  options: StartSubgraphOptions,
): Promise<RunningSubgraph> {
  const { host, port, drainTimeoutMs } = options;
  const server = await listen({
    ...(host !== undefined && { host }),
    ...(drainTimeoutMs !== undefined && { drainTimeoutMs }),
    port,
    handler: observed(subgraph.handler, options),
    upgrade: subgraph.upgrade,
    logger: subgraph.logger,
  });
  return {
    url: server.url,
    async close() {
      // Subscriptions never end by themselves, and the server waits for every connection.
      const closed = server.close();
      await subgraph.drain();
      await closed;
      await subgraph.dispose();
    },
  };
}

/** Only the graph, and traces of what other processes of the system ask: health checks and images would hide it. */
function observed(handler: RequestHandler, { metrics, tracing }: StartSubgraphOptions): RequestHandler {
  if (!metrics && !tracing) return handler;
  const traced = traceHttp(handler, { tracing, run: withCurrentSpan });
  const measured = metrics ? metrics.http.measure(traced) : traced;
  return (request, response) => {
    const [path = ''] = (request.url ?? '').split('?', 1);
    if (path === '/graphql') return measured(request, response);
    return path.startsWith('/internal/') ? traced(request, response) : handler(request, response);
  };
}
