import type { Logger } from '../../platform/logger.js';
import { type GatewayConfig, type UpstreamConfig, upstreamConfig } from '../config.js';
import type { FetchSubgraph } from '../execution/types.js';
import type { Snapshot } from '../supergraph/snapshot.js';
import { type BalancedClient, createBalancedClient } from './balancedClient.js';
import { createFaultLog } from './createFaultLog.js';
import { createSubgraphClient, type SubgraphState, type UpstreamContext } from './subgraphClient.js';

export interface SubgraphClients {
  /**
   * Prepares for the requests of a snapshot, which is the newest from now on. Call it before requests can see the
   * snapshot: a late request on an older one would be taken for the newest otherwise.
   * @throws when a subgraph has no usable address; then nothing has changed
   */
  adopt(snapshot: Snapshot): void;
  /** How requests on this snapshot reach their subgraphs. */
  fetchFor(snapshot: Snapshot): FetchSubgraph<UpstreamContext>;
  /** Of the newest snapshot's subgraphs. */
  states(): Record<string, SubgraphState>;
  /** The same, for metrics. */
  newest(): ReadonlyMap<string, BalancedClient>;
  close(): Promise<void>;
}

type ClientMap = ReadonlyMap<string, BalancedClient>;

/**
 * A client per subgraph and address. A new snapshot keeps the connections to addresses that stay; clients that only an
 * older snapshot uses live on for `drainTimeoutMs`, so that requests which began on it can finish.
 */
export function createSubgraphClients(config: GatewayConfig, logger: Logger): SubgraphClients {
  const bySnapshot = new WeakMap<Snapshot, ClientMap>();
  const open = new Set<BalancedClient>();
  let newest: ClientMap = new Map();

  async function close(client: BalancedClient): Promise<void> {
    if (open.delete(client)) await client.close();
  }

  function adopt(snapshot: Snapshot): void {
    const clients = new Map<string, BalancedClient>();
    for (const [name, urlInSupergraph] of snapshot.subgraphs) {
      const upstream = upstreamConfig(config, name, urlInSupergraph);
      const known = newest.get(name);
      const client =
        known?.url === upstream.urls.join(' ') ? known : openClient(name, upstream, config, logger);
      clients.set(name, client);
    }
    for (const client of clients.values()) open.add(client);
    for (const [name, client] of newest) {
      if (clients.get(name) !== client) setTimeout(() => void close(client), config.drainTimeoutMs).unref();
    }
    bySnapshot.set(snapshot, clients);
    newest = clients;
  }

  return {
    adopt,
    fetchFor(snapshot) {
      const clients = bySnapshot.get(snapshot);
      return (request, context) => {
        const client = clients?.get(request.subgraph);
        if (client === undefined) throw new Error(`no client was prepared for subgraph ${request.subgraph}`);
        return client.fetch(request, context);
      };
    },
    newest: () => newest,
    states: () => Object.fromEntries([...newest].map(([name, client]) => [name, client.state])),
    close: async () => {
      await Promise.all([...open].map(close));
    },
  };
}

/** Of the longest that an attempt can have, the part after which no answer is a fault of whoever was asked. */
const PATIENCE = 0.5;

function openClient(
  name: string,
  config: UpstreamConfig,
  { requestTimeoutMs }: GatewayConfig,
  logger: Logger,
): BalancedClient {
  const clients = config.urls.map((url) =>
    createSubgraphClient(name, url, config, createFaultLog(name, url, logger)),
  );
  const patienceMs = PATIENCE * Math.min(config.timeoutMs, requestTimeoutMs);
  return createBalancedClient({ name, config, clients, patienceMs });
}
