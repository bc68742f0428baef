import type { OrderWorkerOptions } from '../subgraphs/orders/orderWorker.js';
import type { Config } from './config.js';

export interface InventoryAccess {
  readonly inventoryUrl: string;
  readonly workerToken: string;
}

/** How the configuration wants orders to be worked on. */
export function orderWorkerOptions(
  { orders, data, gateway }: Config,
  inventory: InventoryAccess,
): Omit<OrderWorkerOptions, 'logger' | 'clock' | 'tracing'> {
  const { queueRedisUrl, queueName, concurrency, reservationMs, sandboxLateMs, mail } = orders;
  return {
    ...inventory,
    // Jobs of orders that are in this memory alone are of no use to anybody else, nor to the next start.
    queue: data.mongodbUri ? { url: queueRedisUrl, name: queueName } : {},
    concurrency,
    reservationMs,
    sandboxLateMs,
    mail,
    drainTimeoutMs: gateway.drainTimeoutMs,
  };
}
