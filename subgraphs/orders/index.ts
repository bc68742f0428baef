import { type DatabaseOptions, openDatabase } from '../../platform/database/openDatabase.js';
import type { Logger } from '../../platform/logger.js';
import { createChangeSource } from '../shared/changeSource.js';
import { type Clock, systemClock } from '../shared/clock.js';
import { loadSampleOnce } from '../shared/loadSampleOnce.js';
import { Resources } from '../shared/resources.js';
import { type RunningSubgraph, type StartSubgraphOptions, startSubgraph } from '../shared/startSubgraph.js';
import { ORDERS, ORDERS_COLLECTIONS } from './collections.js';
import { createHttpProductCatalog } from './httpProductCatalog.js';
import type { OrderDocument } from './orderDocument.js';
import { type OrderWorkerOptions, startOrderWorker } from './orderWorker.js';
import { sampleOrders } from './sampleOrders.js';
import { createOrdersServer } from './server.js';
import { createOrderStore } from './store.js';

export interface OrdersOptions extends StartSubgraphOptions {
  /** @default the embedded database, under the name `orders` */
  readonly database?: Partial<DatabaseOptions> | undefined;
  /** GraphQL endpoint of the products subgraph, which knows the prices. It is called when an order is placed, not before. */
  readonly productsUrl: string;
  /** How long an order may wait for its prices. @default 2000 */
  readonly productsTimeoutMs?: number | undefined;
  /** Loads the sample orders, unless this database had them before. @default false */
  readonly sampleData?: boolean | undefined;
  /** How often a gateway hears from the feed at least. @default 1000 */
  readonly heartbeatMs?: number | undefined;
  /** Gateways that read the invalidation feed send it. */
  readonly feedToken: string;
  /** Shared with the gateway, which signs identities with it. */
  readonly identitySecret: string;
  /** Works on the orders in this process too: an embedded database cannot be reached from another one. */
  readonly worker?: Omit<OrderWorkerOptions, 'logger' | 'clock' | 'tracing'> | undefined;
  readonly logger: Logger;
  /** @default systemClock */
  readonly clock?: Clock | undefined;
}

/** Opens the database, prepares it, and listens. When any of it fails, nothing is left open. */
export async function startOrders(options: OrdersOptions): Promise<RunningSubgraph> {
  const { feedToken, identitySecret, logger, heartbeatMs, productsUrl, productsTimeoutMs } = options;
  const clock = options.clock ?? systemClock;
  return Resources.orClose(async (resources) => {
    const database = resources.add(await openDatabase({ name: 'orders', ...options.database }));
    await database.ensure(ORDERS_COLLECTIONS);
    logger.info({ database: database.description, kind: database.kind }, 'orders keeps its data here');
    if (options.sampleData) {
      // Before the change stream opens: nobody has cached anything that these inserts could make stale.
      const load = async () => {
        await database.collection<OrderDocument>(ORDERS).insertMissing(sampleOrders(clock()));
      };
      await loadSampleOnce(database, 'orders', load, clock);
    }
    const changes = resources.add(
      createChangeSource({ database, collections: [ORDERS.name], heartbeatMs, logger }),
    );
    await changes.ready;
    const catalog = resources.add(
      createHttpProductCatalog({
        url: productsUrl,
        ...(productsTimeoutMs !== undefined && { timeoutMs: productsTimeoutMs }),
      }),
    );
    const store = createOrderStore(database);
    const subgraph = createOrdersServer({
      database,
      store,
      catalog,
      changes,
      feedToken,
      identitySecret,
      clock,
      logger,
    });
    if (options.worker) {
      resources.add(
        await startOrderWorker(database, { ...options.worker, tracing: options.tracing, clock, logger }),
      );
    }
    const running = resources.add(await startSubgraph(subgraph, options));
    return { url: running.url, close: () => resources.close() };
  });
}
