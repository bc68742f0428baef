import { type Job as BullJob, DelayedError, ErrorCode, Queue, UnrecoverableError, Worker } from 'bullmq';
import type { Logger } from '../../../platform/logger.js';
import { backoffMs } from './backoffMs.js';
import type { Consumer, DeadLetter, Delivery, Job, JobQueue, RetryPolicy } from './jobQueue.js';
import { PermanentFailure } from './permanentFailure.js';
import { Postponement } from './postponement.js';

export interface BullmqQueueOptions {
  /** `redis://…` or `rediss://…`. This Redis must not evict. */
  readonly url: string;
  /** Tells several queues on one Redis apart. @default 'orders' */
  readonly name?: string | undefined;
  readonly retry: RetryPolicy;
  /** A worker that has not been heard of for this long is dead, and its jobs go to others. @default 30000 */
  readonly stalledAfterMs?: number | undefined;
  /** How long `add` and the questions of operators wait for Redis. @default 3000 */
  readonly deadlineMs?: number | undefined;
  readonly logger: Logger;
}

type Payload = Omit<Job, 'id'>;

const PREFIX = 'headgate';
/** A worker that dies takes none of its jobs along, however often that happens: tries are counted by failures alone. */
const MAX_STALLS = 1_000_000;
/** How many jobs of each state are looked at for the age of the oldest. */
const LOOKED_AT = 20;
/** A Redis that comes back is found again soon. */
const RECONNECT_MS = 1_000;

/** With a way to end that does not wait for anything. */
class EndableWorker extends Worker<Payload> {
  /**
   * `close` waits until its connections have ended, which one that waits for its next try to reach Redis never does once it
   * is told to: the timers of locks and stalled jobs, which end after that, would keep the process alive.
   */
  async abandon(): Promise<void> {
    await this.lockManager.close();
    (this as unknown as { stalledCheckStopper?: () => void }).stalledCheckStopper?.();
    await this.disconnect();
  }
}

/** Jobs in Redis, for any number of worker processes. */
export function createBullmqQueue(options: BullmqQueueOptions): JobQueue {
  const { url, name = 'orders', retry, stalledAfterMs = 30_000, deadlineMs = 3_000, logger } = options;
  let closed = false;
  // Once it is closed, nothing must keep the process alive to look for a Redis that is away.
  const retryStrategy = () => (closed ? null : RECONNECT_MS);
  const queue = new Queue<Payload>(name, {
    prefix: PREFIX,
    // Whoever adds a job wants to know soon: it has the job still, and will come again.
    connection: { url, enableOfflineQueue: false, maxRetriesPerRequest: 1, retryStrategy },
    defaultJobOptions: {
      attempts: retry.attempts,
      backoff: { type: 'capped' },
      removeOnComplete: true,
      removeOnFail: false,
      stackTraceLimit: 1,
    },
  });
  queue.on('error', (err) => logger.debug({ err }, 'the queue cannot reach its Redis'));
  const workers = new Set<EndableWorker>();
  const soon = <T>(what: string, work: Promise<T>) => withDeadline(what, work, deadlineMs);

  return {
    description: `${describe(url)} (queue ${name})`,

    async add({ id, ...payload }) {
      await soon('add', queue.add('order', payload, { jobId: id }));
    },

    async consume(handler, { concurrency }): Promise<Consumer> {
      let ended = false;
      const worker = new EndableWorker(
        name,
        async (job, token) => {
          try {
            await handler(deliveryOf(job));
          } catch (error) {
            if (error instanceof PermanentFailure) throw new UnrecoverableError(error.message);
            if (error instanceof Postponement) {
              await job.moveToDelayed(Date.now() + backoffMs(job.attemptsMade + 1, retry), token);
              throw new DelayedError(error.message);
            }
            throw error;
          }
        },
        {
          prefix: PREFIX,
          connection: {
            url,
            maxRetriesPerRequest: null,
            retryStrategy: () => (ended || closed ? null : RECONNECT_MS),
          },
          concurrency,
          lockDuration: stalledAfterMs,
          stalledInterval: stalledAfterMs,
          maxStalledCount: MAX_STALLS,
          settings: { backoffStrategy: (failures) => backoffMs(failures, retry) },
        },
      );
      workers.add(worker);
      worker.on('error', (err) => logger.warn({ err }, 'a consumer of the queue met an error'));
      return {
        async close({ force = false } = {}) {
          ended = force;
          // What waits for its jobs waits as long as they take; what does not wait must not wait for Redis either.
          if (force) await soon('close', worker.close(true)).catch(() => undefined);
          else await worker.close();
          ended = true;
          workers.delete(worker);
        },
      };
    },

    async stats() {
      const counts = await soon('count', queue.getJobCounts('wait', 'active', 'delayed', 'failed'));
      const some = await soon('look', queue.getJobs(['wait', 'active', 'delayed'], 0, LOOKED_AT - 1, true));
      // A job may have gone between the list and its reading.
      const now = Date.now();
      const oldest = Math.min(now, ...some.flatMap((job) => (job ? [job.timestamp] : [])));
      return {
        waiting: counts['wait'] ?? 0,
        active: counts['active'] ?? 0,
        delayed: counts['delayed'] ?? 0,
        deadLetters: counts['failed'] ?? 0,
        oldestAgeMs: now - oldest,
      };
    },

    async deadLetters(limit, first = 'newest') {
      const failed = await soon('list', queue.getJobs('failed', 0, limit - 1, first === 'oldest'));
      return failed.flatMap((job) => (job ? [letterOf(job)] : []));
    },

    async replay(id) {
      const job = await soon('find', queue.getJob(id));
      if (!job) return false;
      try {
        await soon('retry', job.retry('failed', { resetAttemptsMade: true, resetAttemptsStarted: true }));
        return true;
      } catch (error) {
        if (isNoDeadLetter(error)) return false;
        throw error;
      }
    },

    async close() {
      if (closed) return;
      closed = true;
      // Consumers that could not say goodbye to a Redis that is away.
      for (const worker of workers) void worker.abandon().catch(() => undefined);
      await soon('close', queue.close()).catch(() => void queue.disconnect().catch(() => undefined));
    },
  };
}

function deliveryOf({ id = '', data, attemptsMade, opts }: BullJob<Payload>): Delivery {
  const attempt = attemptsMade + 1;
  return { ...data, id, attempt, last: attempt >= (opts.attempts ?? 1) };
}

function letterOf({ id = '', data, failedReason, attemptsMade, finishedOn }: BullJob<Payload>): DeadLetter {
  return {
    ...data,
    id,
    reason: failedReason,
    attempts: attemptsMade,
    failedAt: new Date(finishedOn ?? 0),
  };
}

/** It is waiting or under way, perhaps since somebody else has replayed it a moment ago, or already done. */
function isNoDeadLetter(error: unknown): boolean {
  const { code } = error as { readonly code?: unknown };
  return code === ErrorCode.JobNotInState || code === ErrorCode.JobNotExist;
}

function describe(url: string): string {
  const { protocol, host } = new URL(url);
  return `${protocol}//${host}`;
}

/** The client keeps a command for itself while it has no connection, and says so to nobody. */
async function withDeadline<T>(what: string, work: Promise<T>, deadlineMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`the queue's Redis did not answer within ${deadlineMs} ms (${what})`)),
      deadlineMs,
    );
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
    work.catch(() => undefined);
  }
}
