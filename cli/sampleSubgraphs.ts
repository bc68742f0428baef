import type { Logger } from '../platform/logger.js';
import type { ServiceMetrics } from '../platform/metrics/serviceMetrics.js';
import { readAsset } from '../platform/readAsset.js';
import type { Tracing } from '../platform/tracing/tracing.js';
import { startInventory } from '../subgraphs/inventory/index.js';
import { startOrders } from '../subgraphs/orders/index.js';
import { startProducts } from '../subgraphs/products/index.js';
import { besideIt } from './besideIt.js';
import type { Config } from './config.js';
import { databaseFault } from './databaseFault.js';
import { orderWorkerOptions } from './orderWorkerOptions.js';
import type { SubgraphName } from './subgraphNames.js';

export interface StartSampleSubgraphOptions {
  readonly config: Config;
  /** Opens the invalidation feed. */
  readonly feedToken: string;
  /** Proves identities that the gateway sends. */
  readonly identitySecret: string;
  readonly sampleData: boolean;
  readonly logger: Logger;
  /** Where orders asks for prices, if not at the configured address: the port may have been any free one. */
  readonly productsUrl?: string | undefined;
  /** Works on orders along with the orders subgraph; where it asks for stock, and with which token. */
  readonly worker?: { readonly inventoryUrl: string; readonly workerToken: string } | undefined;
  /** Opens inventory's interface for order workers. */
  readonly workerToken?: string | undefined;
  readonly metrics?: ServiceMetrics | undefined;
  readonly tracing?: Tracing | undefined;
}

export interface RunningSampleSubgraph {
  readonly name: SubgraphName;
  /** Its GraphQL endpoint. */
  readonly url: string;
  close(): Promise<void>;
}

export function subgraphTypeDefs(name: SubgraphName): string {
  return readAsset(`subgraphs/${name}/typeDefs.graphql`);
}

/** Where a subgraph is to be found when it runs as configured. */
export function configuredUrl(name: SubgraphName, config: Config): string {
  const { host, port, url } = config.subgraphs[name];
  return url ?? `http://${host}:${port}/graphql`;
}

/** Opens its database and listens, as the configuration says. */
export async function startSampleSubgraph(
  name: SubgraphName,
  options: StartSampleSubgraphOptions,
): Promise<RunningSampleSubgraph> {
  const { config, logger } = options;
  const { host, port, url } = config.subgraphs[name];
  const common = {
    ...options,
    host,
    port,
    drainTimeoutMs: config.gateway.drainTimeoutMs,
    logger: logger.child({ subgraph: name }),
  };
  const running = await start(name, common).catch((error: unknown) => {
    throw databaseFault(name, error);
  });
  return { name, url: url ?? `${running.url}/graphql`, close: () => running.close() };
}

async function start(
  name: SubgraphName,
  options: StartSampleSubgraphOptions & { host: string; port: number },
) {
  const { mongodbUri, inventoryMongodbUri } = options.config.data;
  const observed = { monitor: options.metrics?.database, traced: options.tracing !== undefined };
  switch (name) {
    case 'products':
      return startProducts({
        ...options,
        database: { uri: mongodbUri, ...observed },
        publicImageBaseUrl: options.config.subgraphs.publicImageBaseUrl ?? ownOrigin(options),
      });
    case 'inventory':
      return startInventory({
        ...options,
        database: { uri: inventoryMongodbUri ?? besideIt(mongodbUri, 'inventory'), ...observed },
      });
    case 'orders':
      return startOrders({
        ...options,
        worker: options.worker && orderWorkerOptions(options.config, options.worker),
        database: { uri: mongodbUri, ...observed },
        productsUrl: options.productsUrl ?? configuredUrl('products', options.config),
      });
  }
}

/** Where the subgraph itself serves images; unknown before it listens when it takes any free port. */
function ownOrigin({ host, port }: { host: string; port: number }): string | undefined {
  return port === 0 ? undefined : `http://${host}:${port}`;
}
