import { Worker } from 'node:worker_threads';
import type { QueryPlan } from '@apollo/query-planner';
import { GraphQLError } from 'graphql';
import { CodedError } from '../../platform/errors.js';
import type { PlanAnswer, PlanJob, PlanRequest } from './plannerProgram.js';
import type { PlanningConfig } from './planningConfig.js';

export interface PlannerThread {
  /**
   * One at a time, in the order they came.
   * @throws CodedError `QUERY_PLAN_LIMIT` when it takes too long, `OVERLOADED` when too many wait
   * @throws GraphQLError with the planner's reason against the operation
   */
  plan(job: PlanJob): Promise<QueryPlan>;
}

export interface PlannerThreadOptions {
  readonly supergraphSdl: string;
  /** The file of `plannerProgram`. */
  readonly program: string;
  readonly execArgv?: readonly string[] | undefined;
  readonly config: Pick<PlanningConfig, 'timeoutMs' | 'maxWaiting'>;
}

/** It holds a second copy of the graph: without work it is ended, and started anew when there is some. */
const IDLE_MS = 60_000;
const MAX_HEAP_MB = 1024;

/** Plans in a thread of its own, which is there only while there is something to plan. */
export function createPlannerThread(options: PlannerThreadOptions): PlannerThread {
  const { supergraphSdl, program, execArgv, config } = options;
  let worker: Worker | undefined;
  let idle: NodeJS.Timeout | undefined;
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  let nextId = 1;

  function start(): Worker {
    const started = new Worker(program, {
      workerData: supergraphSdl,
      ...(execArgv && { execArgv: [...execArgv] }),
      resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB },
    });
    // Whoever waits for a plan holds the process by its timer.
    started.unref();
    started.on('error', () => undefined);
    started.once('exit', () => {
      if (worker === started) worker = undefined;
    });
    return started;
  }

  function end(): void {
    void worker?.terminate();
    worker = undefined;
  }

  function planNow(job: PlanJob): Promise<QueryPlan> {
    clearTimeout(idle);
    worker ??= start();
    const thread = worker;
    const id = nextId++;
    return new Promise((resolve, reject) => {
      const settle = (act: () => void) => {
        clearTimeout(timer);
        thread.off('message', onMessage).off('error', onError).off('exit', onExit);
        idle = setTimeout(end, IDLE_MS).unref();
        act();
      };
      const onMessage = (answer: PlanAnswer) => {
        if (answer.id === id)
          settle(() => ('plan' in answer ? resolve(answer.plan) : reject(failure(answer))));
      };
      const onError = (error: Error) => {
        worker = undefined;
        const isMemory = (error as NodeJS.ErrnoException).code === 'ERR_WORKER_OUT_OF_MEMORY';
        settle(() => reject(isMemory ? overLimit('takes too much memory') : error));
      };
      const onExit = () => settle(() => reject(new Error('the thread that plans has ended')));
      const timer = setTimeout(() => {
        settle(() => reject(overLimit(`was not done after ${config.timeoutMs} ms`)));
        end();
      }, config.timeoutMs);
      thread.on('message', onMessage).on('error', onError).on('exit', onExit);
      thread.postMessage({ id, job } satisfies PlanRequest);
    });
  }

  return {
    async plan(job) {
      if (waiting >= config.maxWaiting) {
        throw new CodedError('OVERLOADED', 'Too many operations wait to be planned: try again later.');
      }
      waiting++;
      const turn = last.then(() => planNow(job)).finally(() => waiting--);
      last = turn.catch(() => undefined);
      return turn;
    },
  };
}

function overLimit(what: string): CodedError {
  return new CodedError('QUERY_PLAN_LIMIT', `Planning this operation ${what}: ask for less at a time.`);
}

function failure({ reason, error }: Exclude<PlanAnswer, { plan: QueryPlan }>): Error {
  return reason === undefined ? new Error(error) : new GraphQLError(reason);
}
