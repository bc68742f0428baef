import { type DatabaseOptions, openDatabase } from '../../platform/database/openDatabase.js';
import { createChangeSource } from '../shared/changeSource.js';
import { type Clock, systemClock } from '../shared/clock.js';
import { loadSampleOnce } from '../shared/loadSampleOnce.js';
import { Resources } from '../shared/resources.js';
import { type RunningSubgraph, type StartSubgraphOptions, startSubgraph } from '../shared/startSubgraph.js';
import { PRODUCTS_COLLECTION, PRODUCTS_COLLECTIONS } from './collections.js';
import { loadSampleProducts } from './loadSampleProducts.js';
import { createProductsServer, type ProductsServerOptions } from './server.js';
import { createProductStore } from './store.js';

const READY_TIMEOUT_MS = 1_000;

export interface StartProductsOptions
  extends StartSubgraphOptions,
    Pick<
      ProductsServerOptions,
      'feedToken' | 'identitySecret' | 'currency' | 'publicImageBaseUrl' | 'logger'
    > {
  /** @default the embedded database, under the name `products` */
  readonly database?: Partial<DatabaseOptions> | undefined;
  /** Loads 3,000 products, unless this database had them before. @default false */
  readonly sampleData?: boolean | undefined;
  /** How often a gateway hears from the feed at least. @default 1000 */
  readonly heartbeatMs?: number | undefined;
  /** @default systemClock */
  readonly clock?: Clock | undefined;
}

/** Opens the database, prepares it, and listens. When any of it fails, nothing is left open. */
export async function startProducts(options: StartProductsOptions): Promise<RunningSubgraph> {
  const { logger, heartbeatMs, clock = systemClock, currency = 'EUR' } = options;
  return Resources.orClose(async (resources) => {
    const database = resources.add(await openDatabase({ name: 'products', ...options.database }));
    await database.ensure(PRODUCTS_COLLECTIONS);
    logger.info({ database: database.description, kind: database.kind }, 'products keeps its data here');
    if (options.sampleData) {
      // Before the change stream opens: nobody has cached anything that these inserts could make stale.
      await loadSampleOnce(database, 'products', () => loadSampleProducts(database, currency), clock);
    }
    const changes = resources.add(
      createChangeSource({ database, collections: [PRODUCTS_COLLECTION.name], heartbeatMs, logger }),
    );
    await changes.ready;
    const subgraph = createProductsServer({
      ...options,
      currency,
      store: createProductStore({ database, clock }),
      changes,
      ready: () => database.ping(READY_TIMEOUT_MS),
    });
    const running = resources.add(await startSubgraph(subgraph, options));
    return { url: running.url, close: () => resources.close() };
  });
}
