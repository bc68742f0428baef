import type { Timers } from '../../platform/database/timers.js';
import type { Logger } from '../../platform/logger.js';
import { type WorkerProcess, WorkerStartError } from './workerProcess.js';
import { createWorkerSlot } from './workerSlot.js';

export interface WorkerPoolOptions {
  readonly size: number;
  /** @param slot from 0 to `size` - 1; a worker takes over that of the one whose place it takes */
  launch(slot: number): WorkerProcess;
  /** A worker that is not ready after this long is killed. @default 60000 */
  readonly startTimeoutMs?: number | undefined;
  /** A worker that was asked to end and is still there after this long is killed. */
  readonly exitTimeoutMs: number;
  /** A worker that was ready for this long did not end because it cannot run. @default 10000 */
  readonly settledAfterMs?: number | undefined;
  readonly timers?: Timers | undefined;
  readonly logger: Logger;
}

export interface WorkerPool {
  /** Those that answer requests, by slot. */
  readonly serving: ReadonlyMap<number, WorkerProcess>;
  /**
   * Resolves with the URL when the first worker is ready; from then on workers that end are replaced.
   * @throws what the first of them said, when every one failed to start
   */
  start(): Promise<string>;
  /**
   * Replaces the workers one by one: a new one is ready before an old one is let go. While that goes on, another call
   * joins it.
   * @throws when a new one does not start; the old ones that are left go on
   */
  restart(): Promise<void>;
  /** Lets all finish what is under way. Resolves when none is left, with whether each ended by itself. */
  stop(): Promise<boolean>;
}

/** Unlike the system's, these keep the process alive: while all workers are gone, nothing else does. */
const keepingTimers: Timers = {
  now: () => Date.now(),
  after(delayMs, callback) {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};

/** Keeps a number of workers running. */
export function createWorkerPool(options: WorkerPoolOptions): WorkerPool {
  const { size, launch, exitTimeoutMs, startTimeoutMs = 60_000, settledAfterMs = 10_000, logger } = options;
  const timers = options.timers ?? keepingTimers;
  const slots = Array.from({ length: size }, (_, slot) =>
    createWorkerSlot({
      slot,
      launch: () => launch(slot),
      startTimeoutMs,
      exitTimeoutMs,
      settledAfterMs,
      timers,
      logger,
    }),
  );
  let stopping = false;
  let restarting: Promise<void> | undefined;

  async function restartEach(): Promise<void> {
    for (const slot of slots) {
      if (stopping) return;
      await slot.replace().catch((error: unknown) => {
        // One that was starting when all were asked to end did not fail.
        if (!stopping) throw error;
      });
    }
  }

  return {
    get serving() {
      return new Map(
        slots.flatMap(({ serving }, slot): [number, WorkerProcess][] => (serving ? [[slot, serving]] : [])),
      );
    },
    async start() {
      const starts = slots.map((slot) => slot.start());
      const url = await Promise.any(starts).catch((error: AggregateError) => {
        // One that told its reason says more than one that just ended.
        throw error.errors.find((each) => each instanceof WorkerStartError) ?? error.errors[0];
      });
      for (const [index, started] of starts.entries()) {
        started.catch((err: unknown) => {
          if (stopping) return;
          logger.error({ err, worker: index }, 'a worker did not start; it is tried again');
          slots[index]?.retry();
        });
      }
      return url;
    },
    restart() {
      restarting ??= restartEach().finally(() => {
        restarting = undefined;
      });
      return restarting;
    },
    async stop() {
      stopping = true;
      const ended = await Promise.all(slots.map((slot) => slot.stop()));
      return ended.every(Boolean);
    },
  };
}
