import type { DatabaseOptions } from '../../platform/database/openDatabase.js';
import { type Logger, silentLogger } from '../../platform/logger.js';
import { readAsset } from '../../platform/readAsset.js';
import { composeSupergraph } from '../../schema/composeSupergraph.js';
import { startInventory } from '../../subgraphs/inventory/index.js';
import { startOrders } from '../../subgraphs/orders/index.js';
import { startProducts } from '../../subgraphs/products/index.js';
import type { Clock } from '../../subgraphs/shared/clock.js';
import type { RunningSubgraph } from '../../subgraphs/shared/startSubgraph.js';

export const SHOP_SUBGRAPHS = ['products', 'inventory', 'orders'] as const;
export type ShopSubgraph = (typeof SHOP_SUBGRAPHS)[number];

/** Inventory has a cluster of its own. */
export type ShopCluster = 'shop' | 'inventory';

export interface ShopSubgraphsOptions {
  /** Gives the URI of a new, empty MongoDB; without one that cluster is embedded. */
  readonly newUri?: ((cluster: ShopCluster) => string | undefined) | undefined;
  /** For one subgraph's database: what is sent to it, or what stands before it. */
  readonly database?: (subgraph: ShopSubgraph) => Partial<DatabaseOptions>;
  /** @default the time at which the shop starts, standing still */
  readonly clock?: Clock;
  /** How often a gateway hears from the feeds at least. @default that of each subgraph */
  readonly heartbeatMs?: number;
  readonly logger?: Logger;
}

export interface ShopSubgraphs extends AsyncDisposable {
  readonly supergraphSdl: string;
  /** The time at which the sample was loaded: orders count back from it. */
  readonly openedAt: Date;
  /** For code of the test that works on the same data; absent when a subgraph's database is embedded. */
  readonly uris: Readonly<Record<ShopSubgraph, string | undefined>>;
  /** `http://host:port` */
  readonly urls: Readonly<Record<ShopSubgraph, string>>;
  /** Ends one subgraph; the others go on. */
  stop(subgraph: ShopSubgraph): Promise<void>;
}

/** So that no sweep comes between the commands that a test counts. */
const NO_SWEEP_MS = 24 * 60 * 60 * 1_000;

/** What gateways share with the subgraphs. */
export const SHOP_SECRETS = {
  feedToken: 'feed-token-of-the-shop',
  /** Of order workers, for inventory. */
  workerToken: 'worker-token-of-the-shop',
  identitySecret: 'identity-secret-of-the-shop',
};

/** The three subgraphs of the sample shop with their sample data, on free ports, composed. */
export async function startShopSubgraphs(options: ShopSubgraphsOptions = {}): Promise<ShopSubgraphs> {
  const { newUri = () => undefined, database = () => ({}), logger = silentLogger() } = options;
  const openedAt = options.clock?.() ?? new Date();
  const clock = options.clock ?? (() => openedAt);
  const shared = newUri('shop');
  const uris = { products: shared, inventory: newUri('inventory'), orders: shared };
  const optionsOf = (name: ShopSubgraph) => ({
    ...SHOP_SECRETS,
    port: 0,
    drainTimeoutMs: 500,
    sampleData: true,
    heartbeatMs: options.heartbeatMs,
    clock,
    logger,
    database: { uri: uris[name], ...database(name) },
  });
  const running = new Map<ShopSubgraph, RunningSubgraph>();
  const stop = async (name: ShopSubgraph) => {
    const subgraph = running.get(name);
    running.delete(name);
    await subgraph?.close();
  };
  const stopAll = async () => {
    for (const name of [...running.keys()].reverse()) await stop(name);
  };

  try {
    const products = await startProducts(optionsOf('products'));
    running.set('products', products);
    const inventory = await startInventory({ ...optionsOf('inventory'), sweepIntervalMs: NO_SWEEP_MS });
    running.set('inventory', inventory);
    const productsUrl = `${products.url}/graphql`;
    const orders = await startOrders({ ...optionsOf('orders'), productsUrl });
    running.set('orders', orders);
    const { supergraphSdl } = composeSupergraph(
      [...running].map(([name, { url }]) => ({
        name,
        url: `${url}/graphql`,
        typeDefs: readAsset(`subgraphs/${name}/typeDefs.graphql`),
      })),
    );
    return {
      supergraphSdl,
      openedAt,
      uris,
      urls: { products: products.url, inventory: inventory.url, orders: orders.url },
      stop,
      [Symbol.asyncDispose]: stopAll,
    };
  } catch (error) {
    await stopAll();
    throw error;
  }
}
