import type { Database } from '../../platform/database/database.js';
import { createChangeSource } from '../shared/changeSource.js';
import { type Clock, systemClock } from '../shared/clock.js';
import { loadSampleOnce, META_COLLECTION } from '../shared/loadSampleOnce.js';
import { type RunningSubgraph, startSubgraph } from '../shared/startSubgraph.js';
import { PRODUCTS_COLLECTION, SKUS_COLLECTION } from './collections.js';
import { loadSampleProducts } from './loadSampleProducts.js';
import { createProductsServer, type ProductsServerOptions } from './server.js';
import { createProductStore } from './store.js';

export interface StartProductsOptions
  extends Pick<
    ProductsServerOptions,
    'feedToken' | 'identitySecret' | 'currency' | 'publicImageBaseUrl' | 'logger'
  > {
  /** Open already; stays open when the subgraph closes. */
  readonly database: Database;
  /** @default '127.0.0.1' */
  readonly host?: string | undefined;
  /** 0 takes any free port. */
  readonly port: number;
  /** Loads 3,000 products, once per database. */
  readonly sampleData: boolean;
  /** How often the invalidation feed says at least that nothing happened. @default 1000 */
  readonly heartbeatMs?: number | undefined;
  /** @default 10000 */
  readonly drainTimeoutMs?: number | undefined;
  /** @default systemClock */
  readonly clock?: Clock | undefined;
}

/** Prepares the database, then listens. Rejects when the database is out of reach or the port is taken. */
export async function startProducts(options: StartProductsOptions): Promise<RunningSubgraph> {
  const { database, logger, clock = systemClock, currency = 'EUR' } = options;
  await database.ensure([PRODUCTS_COLLECTION, SKUS_COLLECTION, META_COLLECTION]);
  if (options.sampleData) {
    // Before the change stream opens: nobody has cached anything that these inserts could make stale.
    const loaded = await loadSampleOnce(
      database,
      'products',
      () => loadSampleProducts(database, currency),
      clock,
    );
    if (loaded) logger.info({ database: database.description }, 'sample products loaded');
  }
  const changes = createChangeSource({
    database,
    collections: [PRODUCTS_COLLECTION.name],
    heartbeatMs: options.heartbeatMs,
    logger,
  });
  try {
    await changes.ready;
    const subgraph = createProductsServer({
      ...options,
      currency,
      store: createProductStore({ database, clock }),
      changes,
      ready: () => database.ping(READY_TIMEOUT_MS),
    });
    const running = await startSubgraph(subgraph, options);
    return {
      url: running.url,
      async close() {
        await running.close();
        await changes.close();
      },
    };
  } catch (error) {
    await changes.close();
    throw error;
  }
}

const READY_TIMEOUT_MS = 1_000;
