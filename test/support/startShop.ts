import { gatewayConfigSchema } from '../../gateway/config.js';
import { startGateway } from '../../gateway/startGateway.js';
import { createStaticSource } from '../../gateway/supergraph/staticSource.js';
import type { DatabaseOptions } from '../../platform/database/openDatabase.js';
import { type Logger, silentLogger } from '../../platform/logger.js';
import { readAsset } from '../../platform/readAsset.js';
import { composeSupergraph } from '../../schema/composeSupergraph.js';
import { startInventory } from '../../subgraphs/inventory/index.js';
import { startOrders } from '../../subgraphs/orders/index.js';
import { startProducts } from '../../subgraphs/products/index.js';
import type { Clock } from '../../subgraphs/shared/clock.js';
import type { RunningSubgraph } from '../../subgraphs/shared/startSubgraph.js';
import { type GraphqlClient, graphqlClient } from './graphqlClient.js';

export type ShopSubgraph = 'products' | 'inventory' | 'orders';

export interface ShopOptions {
  /** Gives the URI of a new, empty MongoDB; without it the shop is embedded. */
  readonly newUri?: (() => string | undefined) | undefined;
  /** For one subgraph's database: what is sent to it, or what stands before it. */
  readonly database?: (subgraph: ShopSubgraph) => Pick<DatabaseOptions, 'onCommand' | 'wrap'>;
  /** @default the time at which the shop starts, standing still */
  readonly clock?: Clock;
  readonly logger?: Logger;
}

export interface Shop extends AsyncDisposable, Pick<GraphqlClient, 'ask'> {
  /** Of the gateway, without a path. */
  readonly url: string;
  /** The time at which the sample was loaded: orders count back from it. */
  readonly openedAt: Date;
  /** For code of the test that works on the same data; absent when the shop is embedded. */
  readonly uris: Readonly<Record<ShopSubgraph, string | undefined>>;
  /** What a person does who says who they are. */
  askAs(customer: string, ...request: Parameters<GraphqlClient['ask']>): ReturnType<GraphqlClient['ask']>;
  /** Ends one subgraph; the others and the gateway go on. */
  stop(subgraph: ShopSubgraph): Promise<void>;
}

const CUSTOMER_HEADER = 'x-user';
/** So that no sweep comes between the commands that a test counts. */
const NO_SWEEP_MS = 24 * 60 * 60 * 1_000;
const SECRETS = { feedToken: 'feed-token-of-the-shop', identitySecret: 'identity-secret-of-the-shop' };

/** The sample system: three subgraphs with their sample data, composed, and a gateway before them, on free ports. */
export async function startShop(options: ShopOptions = {}): Promise<Shop> {
  const { newUri = () => undefined, database = () => ({}), logger = silentLogger() } = options;
  const openedAt = options.clock?.() ?? new Date();
  const clock = options.clock ?? (() => openedAt);
  const shared = newUri();
  const uris = { products: shared, inventory: newUri(), orders: shared };
  const optionsOf = (name: ShopSubgraph) => ({
    ...SECRETS,
    port: 0,
    drainTimeoutMs: 500,
    sampleData: true,
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
    running.set(
      'inventory',
      await startInventory({ ...optionsOf('inventory'), sweepIntervalMs: NO_SWEEP_MS }),
    );
    const productsUrl = `${products.url}/graphql`;
    running.set('orders', await startOrders({ ...optionsOf('orders'), productsUrl }));
    const { supergraphSdl } = composeSupergraph(
      [...running].map(([name, { url }]) => ({
        name,
        url: `${url}/graphql`,
        typeDefs: readAsset(`subgraphs/${name}/typeDefs.graphql`),
      })),
    );
    const gateway = await startGateway({
      config: gatewayConfigSchema.parse({
        port: 0,
        admin: { port: 0 },
        drainTimeoutMs: 500,
        identity: { trustedHeader: CUSTOMER_HEADER, secret: SECRETS.identitySecret },
      }),
      source: createStaticSource(supergraphSdl),
      logger,
    });
    const { ask } = graphqlClient(gateway.url);
    return {
      url: gateway.url,
      openedAt,
      uris,
      ask,
      askAs: (customer, query, variables, headers) =>
        ask(query, variables, { ...headers, [CUSTOMER_HEADER]: customer }),
      stop,
      async [Symbol.asyncDispose]() {
        await gateway.stop();
        await stopAll();
      },
    };
  } catch (error) {
    await stopAll();
    throw error;
  }
}
