import type { Timers } from '../../platform/database/timers.js';
import type { Logger } from '../../platform/logger.js';
import { Backoff } from '../cache/feed/backoff.js';
import type { DrainReason } from './supervisionMessages.js';
import type { WorkerExit, WorkerProcess } from './workerProcess.js';

export interface WorkerSlotOptions {
  readonly slot: number;
  launch(): WorkerProcess;
  /** A worker that is not ready after this long is killed. */
  readonly startTimeoutMs: number;
  /** A worker that was asked to end and is still there after this long is killed. */
  readonly exitTimeoutMs: number;
  /** A worker that was ready for this long did not end because it cannot run. */
  readonly settledAfterMs: number;
  readonly backoff?: Backoff | undefined;
  readonly timers: Timers;
  readonly logger: Logger;
}

/** The place of one worker: when the one that is in it ends, another is started. */
export interface WorkerSlot {
  /** The one that answers requests. */
  readonly serving: WorkerProcess | undefined;
  /** Starts the first one. Resolves with its URL when it is ready; when it rejects, nothing more happens. */
  start(): Promise<string>;
  /** Tries again after a first start that failed, until one is ready. */
  retry(): void;
  /** Starts another one, and once that is ready lets the old one go. When it rejects, the old one has stayed. */
  replace(): Promise<void>;
  /** Lets go of all. Resolves when they have ended, with whether each ended by itself. */
  stop(): Promise<boolean>;
}

export function createWorkerSlot(options: WorkerSlotOptions): WorkerSlot {
  const { slot, launch, startTimeoutMs, exitTimeoutMs, settledAfterMs, timers } = options;
  const { backoff = new Backoff() } = options;
  const logger = options.logger.child({ worker: slot });
  const alive = new Set<WorkerProcess>();
  let serving: WorkerProcess | undefined;
  let servingSince = 0;
  let stopped = false;
  let cancelRetry = (): void => undefined;

  async function launchUntilReady(): Promise<{ readonly worker: WorkerProcess; readonly url: string }> {
    const worker = launch();
    alive.add(worker);
    void worker.exited.then(() => alive.delete(worker));
    const cancel = timers.after(startTimeoutMs, () => worker.kill());
    try {
      return { worker, url: await worker.ready };
    } catch (error) {
      worker.kill();
      await worker.exited;
      throw error;
    } finally {
      cancel();
    }
  }

  async function startNext(): Promise<string> {
    const { worker, url } = await launchUntilReady();
    const old = serving;
    serving = worker;
    servingSince = timers.now();
    void worker.exited.then((exit) => onExit(worker, exit));
    logger.info({ workerPid: worker.pid }, 'a worker is ready');
    if (old !== undefined) await letGo(old, 'replaced');
    return url;
  }

  function onExit(worker: WorkerProcess, exit: WorkerExit): void {
    if (serving !== worker) return;
    serving = undefined;
    if (stopped) return;
    if (timers.now() - servingSince >= settledAfterMs) backoff.succeeded();
    logger.error({ workerPid: worker.pid, ...exit }, 'a worker ended; another one takes its place');
    retryLater();
  }

  function retryLater(): void {
    cancelRetry();
    cancelRetry = timers.after(backoff.nextMs(), () => {
      // A restart may have filled the place in the meantime.
      if (stopped || serving !== undefined) return;
      startNext().catch((err: unknown) => {
        if (stopped) return;
        logger.error({ err, failures: backoff.failures }, 'a worker did not start; it is tried again');
        retryLater();
      });
    });
  }

  /** Whether it ended by itself. */
  async function letGo(worker: WorkerProcess, reason: DrainReason): Promise<boolean> {
    let killed = false;
    const cancel = timers.after(exitTimeoutMs, () => {
      killed = true;
      logger.error({ workerPid: worker.pid }, 'a worker that was asked to end did not, and is killed');
      worker.kill();
    });
    worker.drain(reason);
    await worker.exited;
    cancel();
    return !killed;
  }

  return {
    get serving() {
      return serving;
    },
    start: startNext,
    retry: retryLater,
    async replace() {
      // While there is none, another one is on its way anyhow.
      if (serving !== undefined) await startNext();
    },
    async stop() {
      stopped = true;
      cancelRetry();
      const ended = await Promise.all([...alive].map((worker) => letGo(worker, 'shutdown')));
      return ended.every(Boolean);
    },
  };
}
