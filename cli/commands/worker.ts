import { ConfigError } from '../../platform/config/configError.js';
import { openDatabase } from '../../platform/database/openDatabase.js';
import { createLogger } from '../../platform/logger.js';
import { runUntilSignal } from '../../platform/runUntilSignal.js';
import { openTracing } from '../../platform/tracing/openTracing.js';
import { ORDERS_COLLECTIONS } from '../../subgraphs/orders/collections.js';
import { startOrderWorker } from '../../subgraphs/orders/orderWorker.js';
import { startWorkerAdmin } from '../../subgraphs/orders/workerAdmin.js';
import { Resources } from '../../subgraphs/shared/resources.js';
import type { Config } from '../config.js';
import { databaseFault } from '../databaseFault.js';
import { logOptions } from '../logOptions.js';
import { orderWorkerOptions } from '../orderWorkerOptions.js';
import { configuredUrl } from '../sampleSubgraphs.js';

/** What else there is to do at the end, with a Redis or a database that does not answer; others get its jobs then. */
const AFTER_DRAIN_MS = 15_000;

/** Works on orders, as a process of its own; any number of them share a queue. */
export async function runWorker(config: Config): Promise<void> {
  const { workerToken } = config.subgraphs;
  const { mongodbUri: uri } = config.data;
  const { queueRedisUrl, worker } = config.orders;
  const missing = [
    ...(uri ? [] : ['data.mongodbUri: expected the database of the orders (MONGODB_URI)']),
    ...(queueRedisUrl ? [] : ['orders.queueRedisUrl: expected the Redis of the queue (QUEUE_REDIS_URL)']),
    ...(workerToken
      ? []
      : ['subgraphs.workerToken: expected a secret that inventory also has (HEADGATE_WORKER_TOKEN)']),
  ];
  if (!uri || !queueRedisUrl || !workerToken) throw new ConfigError(missing);
  const logger = createLogger(logOptions('worker', config));
  const resources = await Resources.orClose(async (opened) => {
    const tracing = await openTracing(config.gateway.tracing, 'worker');
    // Closed last: what was not sent is sent then.
    if (tracing) opened.add(tracing);
    const traced = tracing !== undefined;
    const database = opened.add(
      await openDatabase({ name: 'orders', uri, traced }).catch((error: unknown) => {
        throw databaseFault('orders', error);
      }),
    );
    await database.ensure(ORDERS_COLLECTIONS);
    const inventory = { inventoryUrl: configuredUrl('inventory', config), workerToken };
    const running = opened.add(
      await startOrderWorker(database, { ...orderWorkerOptions(config, inventory), tracing, logger }),
    );
    const admin = opened.add(
      await startWorkerAdmin({ ...worker, database, metrics: running.metrics, logger }),
    );
    logger.info({ url: admin.url, database: database.description }, 'the worker works');
    return opened;
  });
  const stopWithinMs = config.gateway.drainTimeoutMs + AFTER_DRAIN_MS;
  await runUntilSignal(() => resources.close(), logger, { stopWithinMs });
}
