import type { Database } from '../../platform/database/database.js';
import type { Logger } from '../../platform/logger.js';
import { currentTraceparent } from '../../platform/tracing/currentSpan.js';
import type { Tracing } from '../../platform/tracing/tracing.js';
import { type Clock, systemClock } from '../shared/clock.js';
import { Resources } from '../shared/resources.js';
import type { Mailer } from './mail/mailer.js';
import { type MailOptions, openMailer } from './mail/openMailer.js';
import { createSandboxProvider } from './payment/sandboxProvider.js';
import type { OrderPorts } from './processing/orderPorts.js';
import { createOrderProcessor } from './processing/orderProcessor.js';
import type { JobHandler, JobQueue, RetryPolicy } from './queue/jobQueue.js';
import { openQueue } from './queue/openQueue.js';
import { PermanentFailure } from './queue/permanentFailure.js';
import { Postponement } from './queue/postponement.js';
import { startReconciler } from './reconciler.js';
import { startRelay } from './relay.js';
import { createHttpStockReservations } from './stock/httpStockReservations.js';
import { createOrderStore } from './store.js';
import { traceJobs } from './traceJobs.js';
import { createWorkerMetrics, type WorkerMetrics } from './workerMetrics.js';

export interface OrderWorkerOptions {
  /** Of the inventory subgraph. */
  readonly inventoryUrl: string;
  /** Opens inventory's interface for order workers. */
  readonly workerToken: string;
  readonly queue: {
    /** Of the Redis that keeps the jobs; without it they are kept in this process. */
    readonly url?: string | undefined;
    readonly name?: string | undefined;
    /** @default 30000 */
    readonly stalledAfterMs?: number | undefined;
  };
  /** @default 12 tries, from half a second to a minute apart */
  readonly retry?: RetryPolicy | undefined;
  /** Orders that this process works on at the same time. @default 10 */
  readonly concurrency?: number | undefined;
  /** See `ProcessingSettings`. @default 900000 */
  readonly reservationMs?: number | undefined;
  /** How long a `late` payment of the sandbox is pending. @default 3000 */
  readonly sandboxLateMs?: number | undefined;
  /** See `ReconcilerOptions`. */
  readonly reconcile?: { readonly intervalMs?: number | undefined; readonly minAgeMs?: number | undefined };
  /** See `RelayOptions`. */
  readonly relay?: { readonly leaseMs?: number | undefined; readonly retryMs?: number | undefined };
  readonly mail: MailOptions;
  /** How long `close` waits for jobs under way; others get them then. @default 10000 */
  readonly drainTimeoutMs?: number | undefined;
  /** Makes spans of jobs, which go on with the trace of the request that placed the order. */
  readonly tracing?: Tracing | undefined;
  readonly logger: Logger;
  /** @default systemClock */
  readonly clock?: Clock | undefined;
  /** Puts something between the work and the world, such as faults on purpose. */
  readonly wrap?: ((ports: OrderPorts) => OrderPorts) | undefined;
}

export interface OrderWorker {
  readonly metrics: WorkerMetrics;
  readonly queue: JobQueue;
  /** Takes nothing more, finishes what is under way, and lets another worker relay. */
  close(): Promise<void>;
}

const DEFAULT_RETRY: RetryPolicy = { attempts: 12, backoffMs: 500, maxBackoffMs: 60_000 };
const MAIL_DOMAIN = 'headgate.invalid';

/** Works on the orders of this database; whoever opened it closes it afterwards. */
export async function startOrderWorker(
  database: Database,
  options: OrderWorkerOptions,
): Promise<OrderWorker> {
  const { logger, clock = systemClock, retry = DEFAULT_RETRY, drainTimeoutMs = 10_000 } = options;
  return Resources.orClose(async (resources) => {
    const queue = resources.add(await openQueue({ ...options.queue, retry, logger }));
    const metrics = createWorkerMetrics(queue);
    const { inventoryUrl: url, workerToken } = options;
    const mailer: Mailer = resources.add(openMailer(options.mail, logger));
    const payments = resources.add(createSandboxProvider({ database, lateMs: options.sandboxLateMs }));
    const stock = resources.add(createHttpStockReservations({ url, workerToken }));
    const ports: OrderPorts = { store: createOrderStore(database), stock, payments, mailer };
    const process = createOrderProcessor({
      ...(options.wrap?.(ports) ?? ports),
      settings: {
        reservationMs: options.reservationMs ?? 15 * 60 * 1_000,
        mailDomain: options.mail.domain ?? MAIL_DOMAIN,
      },
      now: clock,
      logger,
      reached: metrics.reached,
    });
    payments.onSettled((orderId) => {
      // When the queue is away, the reconciler looks at the order later.
      const job = { id: `${orderId}/PAYMENT_SETTLED`, orderId, ...currentTraceparent() };
      queue.add(job).catch((err: unknown) => {
        logger.warn({ err, orderId }, 'a payment is settled, and the queue could not be told');
      });
    });
    const consumer = await queue.consume(measured(traceJobs(process, options.tracing), metrics), {
      concurrency: options.concurrency ?? 10,
    });
    resources.add({
      async close() {
        // Whatever a job waits for has a deadline of its own; one that is cut off here is redelivered.
        await Promise.race([consumer.close(), unheardDelay(drainTimeoutMs)]);
      },
    });
    const reconciler = resources.add(
      startReconciler({ store: ports.store, queue, clock, logger, ...options.reconcile }),
    );
    resources.add(startRelay({ database, queue, catchUp: reconciler.catchUp, logger, ...options.relay }));
    logger.info({ queue: queue.description, mail: mailer.description }, 'orders are worked on');
    return { metrics, queue, close: () => resources.close() };
  });
}

function unheardDelay(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });
}

function measured(handler: JobHandler, metrics: WorkerMetrics): JobHandler {
  return async (delivery) => {
    const began = performance.now();
    const took = () => (performance.now() - began) / 1_000;
    try {
      await handler(delivery);
      metrics.handled('done', took());
    } catch (error) {
      const over = delivery.last || error instanceof PermanentFailure;
      metrics.handled(over && !(error instanceof Postponement) ? 'dead' : 'failed', took());
      throw error;
    }
  };
}
