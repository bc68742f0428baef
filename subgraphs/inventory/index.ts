import { type DatabaseOptions, openDatabase } from '../../platform/database/openDatabase.js';
import type { Logger } from '../../platform/logger.js';
import { createChangeSource } from '../shared/changeSource.js';
import { type Clock, systemClock } from '../shared/clock.js';
import { loadSampleOnce } from '../shared/loadSampleOnce.js';
import { Resources } from '../shared/resources.js';
import { type RunningSubgraph, type StartSubgraphOptions, startSubgraph } from '../shared/startSubgraph.js';
import { INVENTORY_COLLECTIONS, STOCK } from './collections.js';
import { sampleStock } from './sampleStock.js';
import { createInventoryServer } from './server.js';
import { type StockDocument, UNWATCHED_OF_STOCK } from './stockDocument.js';
import { createInventoryStore } from './store.js';
import { startSweeper } from './sweeper.js';

export interface InventoryOptions extends StartSubgraphOptions {
  /** Inventory's own cluster. @default the embedded database, under the name `inventory` */
  readonly database?: Partial<DatabaseOptions> | undefined;
  /** Loads the sample stock, unless this database had it before. @default false */
  readonly sampleData?: boolean | undefined;
  /** How often a gateway hears from the feed at least. @default 1000 */
  readonly heartbeatMs?: number | undefined;
  /** How often reservations whose time is over are given back. @default 15000 */
  readonly sweepIntervalMs?: number | undefined;
  /** Gateways that read the invalidation feed send it. */
  readonly feedToken: string;
  /** Order workers send it; without it, nobody can reserve stock over the network. */
  readonly workerToken?: string | undefined;
  /** Shared with the gateway, which signs identities with it. */
  readonly identitySecret: string;
  readonly logger: Logger;
  /** @default systemClock */
  readonly clock?: Clock | undefined;
}

/** Opens the database, prepares it, and listens. When any of it fails, nothing is left open. */
export async function startInventory(options: InventoryOptions): Promise<RunningSubgraph> {
  const { feedToken, identitySecret, logger, heartbeatMs, sweepIntervalMs = 15_000 } = options;
  const clock = options.clock ?? systemClock;
  return Resources.orClose(async (resources) => {
    const database = resources.add(await openDatabase({ name: 'inventory', ...options.database }));
    await database.ensure(INVENTORY_COLLECTIONS);
    logger.info({ database: database.description, kind: database.kind }, 'inventory keeps its data here');
    if (options.sampleData) {
      // Before the change stream opens: nobody has cached anything that these inserts could make stale.
      const load = async () => {
        await database.collection<StockDocument>(STOCK).insertMissing(sampleStock(clock()));
      };
      await loadSampleOnce(database, 'inventory', load, clock);
    }
    const changes = resources.add(
      createChangeSource({
        database,
        collections: [STOCK.name],
        without: UNWATCHED_OF_STOCK,
        heartbeatMs,
        logger,
      }),
    );
    await changes.ready;
    const store = createInventoryStore(database, clock);
    resources.add(startSweeper({ store, intervalMs: sweepIntervalMs, clock, logger }));
    const subgraph = createInventoryServer({
      database,
      store,
      changes,
      feedToken,
      workerToken: options.workerToken,
      clock,
      identitySecret,
      logger,
    });
    const running = resources.add(await startSubgraph(subgraph, options));
    return { url: running.url, close: () => resources.close() };
  });
}
