import { Worker } from 'node:worker_threads';
import type { Logger } from '../../platform/logger.js';
import { WorkRefusedError } from './errors.js';
import type { Job, ResultOf } from './jobs.js';
import type { JobAnswer, JobRequest } from './serveJobs.js';

export interface SchemaWorkerOptions {
  /** The program of the thread, which calls `serveJobs`. */
  readonly program: string;
  readonly execArgv?: readonly string[] | undefined;
  /** How long one job may take; then its thread is ended. */
  readonly timeoutMs: number;
  /** Jobs that may wait; more are refused. @default 32 */
  readonly maxWaiting?: number;
  /** What a job may take of memory; more ends its thread. @default 1024 */
  readonly maxHeapMb?: number;
  readonly logger: Logger;
}

/** Composition is work of seconds for large graphs: it has a thread of its own, so that gateways are answered meanwhile. */
export interface SchemaWorker {
  /** One job at a time, in the order they came. @throws WorkRefusedError when it took too long, or too many wait */
  run<J extends Job>(job: J): Promise<ResultOf<J>>;
  /** Ends the thread, and with it what it does. */
  close(): Promise<void>;
}

export function createSchemaWorker(options: SchemaWorkerOptions): SchemaWorker {
  const { timeoutMs, maxWaiting = 32, maxHeapMb = 1024, logger } = options;
  let worker: Worker | undefined;
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  let nextId = 1;
  let closed = false;

  function start(): Worker {
    const started = new Worker(options.program, {
      ...(options.execArgv && { execArgv: [...options.execArgv] }),
      resourceLimits: { maxOldGenerationSizeMb: maxHeapMb },
    });
    // An idle registry may end; a job under way holds the process by its timer.
    started.unref();
    // Without a listener, an error between two jobs would end the process.
    started.on('error', (err) => logger.error({ err }, 'the thread that composes failed'));
    started.once('exit', () => {
      if (worker === started) worker = undefined;
    });
    return started;
  }

  function runNow(job: Job): Promise<unknown> {
    if (closed) return Promise.reject(new WorkRefusedError('closed', 'the registry is shutting down'));
    worker ??= start();
    const thread = worker;
    const id = nextId++;
    return new Promise((resolve, reject) => {
      const done = (settle: () => void) => {
        clearTimeout(timer);
        thread.off('message', onMessage).off('error', onError).off('exit', onExit);
        settle();
      };
      const onMessage = (answer: JobAnswer) => {
        if (answer.id !== id) return;
        done(() => ('error' in answer ? reject(new Error(answer.error)) : resolve(JSON.parse(answer.json))));
      };
      const onError = (error: Error) =>
        done(() => {
          worker = undefined;
          const outOfMemory = (error as NodeJS.ErrnoException).code === 'ERR_WORKER_OUT_OF_MEMORY';
          reject(
            outOfMemory
              ? new WorkRefusedError('memory', `this takes more than ${maxHeapMb} MB of memory`)
              : error,
          );
        });
      const onExit = () =>
        done(() => reject(new WorkRefusedError('closed', 'the thread that composes has ended')));
      const timer = setTimeout(
        () =>
          done(() => {
            worker = undefined;
            void thread.terminate();
            reject(new WorkRefusedError('time', `this was not done after ${timeoutMs / 1000} s`));
          }),
        timeoutMs,
      );
      thread.on('message', onMessage).on('error', onError).on('exit', onExit);
      thread.postMessage({ id, job } satisfies JobRequest);
    });
  }

  return {
    async run<J extends Job>(job: J): Promise<ResultOf<J>> {
      if (waiting >= maxWaiting) throw new WorkRefusedError('queue', `${waiting} others are waiting already`);
      waiting++;
      const turn = last.then(() => runNow(job)).finally(() => waiting--);
      last = turn.catch(() => undefined);
      return (await turn) as ResultOf<J>;
    },
    async close() {
      closed = true;
      await worker?.terminate();
    },
  };
}
