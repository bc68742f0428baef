import { openDatabase } from '../../../platform/database/openDatabase.js';
import { createLogger } from '../../../platform/logger.js';
import { startOrderWorker } from '../../../subgraphs/orders/orderWorker.js';
import type { OrderPorts } from '../../../subgraphs/orders/processing/orderPorts.js';

/** What the test tells a worker of its own, as JSON in `WORKER`. */
export interface WorkerOrders {
  readonly uri: string;
  readonly inventoryUrl: string;
  readonly workerToken: string;
  readonly redisUrl: string;
  readonly smtpUrl: string;
  /** Dies, as if by an operator's `kill -9`, right after this has happened for the `killAfter`th time. */
  readonly killAt?: Boundary | undefined;
  readonly killAfter?: number | undefined;
}

/** Everything that a worker does outside of itself; between two of them it may die. */
export const BOUNDARIES = [
  'beginWork',
  'reserve',
  'STOCK_RESERVED',
  'charge',
  'PAID',
  'commit',
  'CONFIRMED',
  'send',
  'finish',
  'REJECTED',
  'cancel',
  'release',
] as const;
export type Boundary = (typeof BOUNDARIES)[number];

const orders = JSON.parse(process.env['WORKER'] ?? '{}') as WorkerOrders;
let left = orders.killAfter ?? 1;

function reached(boundary: string): void {
  if (boundary !== orders.killAt) return;
  left -= 1;
  if (left === 0) process.kill(process.pid, 'SIGKILL');
}

const dyingAfter =
  <A extends unknown[], R>(boundary: string | ((...args: A) => string), work: (...args: A) => Promise<R>) =>
  async (...args: A): Promise<R> => {
    const result = await work(...args);
    reached(typeof boundary === 'string' ? boundary : boundary(...args));
    return result;
  };

function mortal({ store, stock, payments, mailer }: OrderPorts): OrderPorts {
  return {
    store: {
      ...store,
      beginWork: dyingAfter('beginWork', store.beginWork),
      transition: dyingAfter(({ to }) => to, store.transition),
      finish: dyingAfter('finish', store.finish),
    },
    stock: {
      reserve: dyingAfter('reserve', stock.reserve),
      commit: dyingAfter('commit', stock.commit),
      release: dyingAfter('release', stock.release),
    },
    payments: {
      ...payments,
      charge: dyingAfter('charge', payments.charge),
      cancel: dyingAfter('cancel', payments.cancel),
    },
    mailer: { ...mailer, send: dyingAfter('send', mailer.send) },
  };
}

async function main(): Promise<void> {
  const logger = createLogger({ name: 'worker', level: 'warn', format: 'json' });
  const database = await openDatabase({ name: 'orders', uri: orders.uri });
  await startOrderWorker(database, {
    inventoryUrl: orders.inventoryUrl,
    workerToken: orders.workerToken,
    queue: { url: orders.redisUrl, stalledAfterMs: 1_000 },
    retry: { attempts: 60, backoffMs: 50, maxBackoffMs: 500 },
    sandboxLateMs: 300,
    reconcile: { intervalMs: 500, minAgeMs: 1_500 },
    relay: { leaseMs: 1_000, retryMs: 100 },
    mail: { smtpUrl: orders.smtpUrl, domain: 'shop.test' },
    logger,
    wrap: mortal,
  });
  process.stdout.write('working\n');
}

// Imported for its types and names, too.
if (orders.uri !== undefined) void main();
