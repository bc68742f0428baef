import { abortableDelay } from '../../platform/abortableDelay.js';
import type { Logger } from '../../platform/logger.js';
import type { Clock } from '../shared/clock.js';
import { jobOf } from './orderDocument.js';
import type { JobQueue } from './queue/jobQueue.js';
import type { OrderStore } from './store.js';

export interface ReconcilerOptions {
  readonly store: Pick<OrderStore, 'withWorkLeft'>;
  readonly queue: Pick<JobQueue, 'add'>;
  /** Time between two rounds. @default 15000 */
  readonly intervalMs?: number | undefined;
  /** Work younger than this is left to the relay, and orders that changed since to whoever changed them. @default 15000 */
  readonly minAgeMs?: number | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface Reconciler {
  /**
   * Adds a job for all work that is left, however young; the queue has most of them already, and says no to those.
   * Fails when it is aborted on the way.
   */
  catchUp(signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

const PAGE = 500;

/**
 * Finds orders that stand still: their job was lost with a queue, they wait for a payment that nobody told of, or their
 * reservation has run out. Whatever is wrong, the cure is the same: a job that looks at the order again.
 */
export function startReconciler(options: ReconcilerOptions): Reconciler {
  const { store, queue, intervalMs = 15_000, minAgeMs = 15_000, clock, logger } = options;
  const closing = new AbortController();

  async function reconcile(before: Date, signal: AbortSignal): Promise<number> {
    const added = new Set<string>();
    let from = new Date(0);
    for (;;) {
      const orders = await store.withWorkLeft({ from, before, limit: PAGE });
      const jobs = orders.flatMap(({ _id, outbox }) => outbox.map((entry) => jobOf(_id, entry)));
      const fresh = jobs.filter(({ id }) => !added.has(id));
      for (const job of fresh) {
        signal.throwIfAborted();
        await queue.add(job);
        added.add(job.id);
      }
      // Pages overlap by what was created at one moment: without anything new, nothing comes after it.
      if (orders.length < PAGE || fresh.length === 0) return added.size;
      from = new Date(Math.max(...orders.map(({ outbox }) => Math.min(...outbox.map(createdAt)))));
    }
  }

  async function run(): Promise<void> {
    while (!closing.signal.aborted) {
      await abortableDelay(intervalMs, closing.signal);
      if (closing.signal.aborted) return;
      try {
        const found = await reconcile(new Date(clock().getTime() - minAgeMs), closing.signal);
        if (found > 0) logger.info({ found }, 'orders stand still; each has a job again');
      } catch (err) {
        if (!closing.signal.aborted) logger.warn({ err }, 'could not look after orders that stand still');
      }
    }
  }
  const running = run();

  return {
    async catchUp(signal) {
      await reconcile(new Date(clock().getTime() + minAgeMs), signal);
    },
    async close() {
      closing.abort();
      await running;
    },
  };
}

const createdAt = ({ createdAt }: { readonly createdAt: Date }) => createdAt.getTime();
