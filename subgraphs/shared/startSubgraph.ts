import { listen } from '../../platform/http/httpServer.js';
import type { Subgraph } from './subgraph.js';

export interface StartSubgraphOptions {
  /** @default '127.0.0.1' */
  readonly host?: string | undefined;
  /** 0 takes any free port. */
  readonly port: number;
  /** How long `close` waits for requests under way before it cuts them. @default 10000 */
  readonly drainTimeoutMs?: number | undefined;
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
    handler: subgraph.handler,
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
