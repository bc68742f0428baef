import { systemTimers, type Timers } from '../../../platform/database/timers.js';
import { backoffMs } from './backoffMs.js';
import type { Consumer, DeadLetter, Delivery, Job, JobHandler, JobQueue, RetryPolicy } from './jobQueue.js';
import { PermanentFailure } from './permanentFailure.js';
import { Postponement } from './postponement.js';

export interface InProcessQueueOptions {
  readonly retry: RetryPolicy;
  /** @default systemTimers */
  readonly timers?: Timers;
}

interface Entry {
  readonly job: Job;
  readonly addedAt: number;
  failures: number;
  state: 'waiting' | 'active' | 'delayed';
}

interface Worker {
  readonly handler: JobHandler;
  readonly concurrency: number;
  readonly running: Map<Entry, Promise<void>>;
  open: boolean;
}

/**
 * For a system in one process: jobs are in memory and gone with it, and whoever finds unfinished orders adds them again.
 */
export function createInProcessQueue({ retry, timers = systemTimers }: InProcessQueueOptions): JobQueue {
  const entries = new Map<string, Entry>();
  const waiting = new Set<Entry>();
  const dead = new Map<string, DeadLetter>();
  const workers = new Set<Worker>();
  let closed = false;

  function enqueue(entry: Entry): void {
    entry.state = 'waiting';
    waiting.add(entry);
    dispatch();
  }

  function dispatch(): void {
    for (const worker of workers) {
      for (const entry of waiting) {
        if (!worker.open || worker.running.size >= worker.concurrency) break;
        waiting.delete(entry);
        entry.state = 'active';
        worker.running.set(entry, run(worker, entry));
      }
    }
  }

  async function run(worker: Worker, entry: Entry): Promise<void> {
    const { job, failures } = entry;
    const delivery: Delivery = { ...job, attempt: failures + 1, last: failures + 1 >= retry.attempts };
    // Never in the turn of whoever added the job.
    const outcome = await Promise.resolve()
      .then(() => worker.handler(delivery))
      .then(
        () => undefined,
        (error: unknown) => ({ error }),
      );
    // A worker that was closed by force has lost the job, whatever became of it there.
    if (!worker.running.delete(entry) || closed) return;
    if (outcome === undefined) entries.delete(job.id);
    else fail(entry, outcome.error, delivery.last);
    dispatch();
  }

  function fail(entry: Entry, error: unknown, last: boolean): void {
    const postponed = error instanceof Postponement;
    if (!postponed) entry.failures += 1;
    if (!postponed && (last || error instanceof PermanentFailure)) {
      const { job, failures: attempts } = entry;
      entries.delete(job.id);
      const reason = error instanceof Error ? error.message : String(error);
      dead.set(job.id, { ...job, attempts, reason, failedAt: new Date(timers.now()) });
      return;
    }
    entry.state = 'delayed';
    timers.after(backoffMs(postponed ? entry.failures + 1 : entry.failures, retry), () => {
      if (!closed) enqueue(entry);
    });
  }

  async function add({ id, orderId, traceparent }: Job): Promise<void> {
    if (closed) throw new Error('the queue is closed');
    if (entries.has(id) || dead.has(id)) return;
    const job = { id, orderId, ...(traceparent !== undefined && { traceparent }) };
    const entry: Entry = { job, addedAt: timers.now(), failures: 0, state: 'waiting' };
    entries.set(id, entry);
    enqueue(entry);
  }

  return {
    description: 'in this process',
    add,

    async consume(handler, { concurrency }): Promise<Consumer> {
      const worker: Worker = { handler, concurrency, running: new Map(), open: true };
      workers.add(worker);
      dispatch();
      return {
        async close({ force = false } = {}) {
          worker.open = false;
          workers.delete(worker);
          if (!force) return void (await Promise.all(worker.running.values()));
          const lost = [...worker.running.keys()];
          worker.running.clear();
          for (const entry of lost) enqueue(entry);
        },
      };
    },

    async stats() {
      const counts = { waiting: 0, active: 0, delayed: 0 };
      let oldest = timers.now();
      for (const { state, addedAt } of entries.values()) {
        counts[state] += 1;
        oldest = Math.min(oldest, addedAt);
      }
      return { ...counts, deadLetters: dead.size, oldestAgeMs: timers.now() - oldest };
    },

    async deadLetters(limit, first = 'newest') {
      const letters = [...dead.values()];
      return (first === 'newest' ? letters.reverse() : letters).slice(0, limit);
    },

    async replay(id) {
      const letter = dead.get(id);
      if (letter === undefined) return false;
      dead.delete(id);
      await add(letter);
      return true;
    },

    async close() {
      closed = true;
      await Promise.all([...workers].flatMap(({ running }) => [...running.values()]));
    },
  };
}
