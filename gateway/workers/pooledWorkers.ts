import type { CacheTier } from '../cache/cacheTier.js';
import type { Invalidation } from '../cache/invalidation.js';
import type { Readiness } from '../http/health.js';
import type { MetricsJson, WorkerQuestions, WorkerStatus } from './supervisionMessages.js';
import type { WorkerPool } from './workerPool.js';
import type { WorkerProcess } from './workerProcess.js';

/** All workers as one gateway, for the listener for operators. */
export interface PooledWorkers {
  /** Asks the workers how they are; what the members below then say. */
  refresh(): Promise<void>;
  readiness(): Readiness;
  subgraphs(): readonly string[];
  /** How many records are in a tier; each worker has a memory of its own. */
  count(tier: CacheTier['name'], tags: readonly string[]): Promise<number>;
  /** Lets one worker purge, which tells all others. */
  invalidate(invalidation: Invalidation): Promise<void>;
  /** By slot. A worker that does not answer in time is left out. */
  metrics(): Promise<ReadonlyMap<string, MetricsJson>>;
}

export interface PooledWorkersOptions {
  readonly pool: Pick<WorkerPool, 'serving'>;
  /** How long a worker may take to say how it is, and what its metrics are. @default 500 */
  readonly answerDeadlineMs?: number | undefined;
}

export function poolWorkers({ pool, answerDeadlineMs = 500 }: PooledWorkersOptions): PooledWorkers {
  let statuses: readonly (readonly [WorkerProcess, WorkerStatus])[] = [];

  /** Of those that answer in time. */
  async function askAll<Name extends 'status' | 'metrics'>(name: Name) {
    const answers = [...pool.serving].map(async ([slot, worker]) => {
      try {
        return [[slot, worker, await inTime(worker.ask(name, null), answerDeadlineMs)] as const];
      } catch {
        return [];
      }
    });
    return (await Promise.all(answers)).flat() as [number, WorkerProcess, WorkerQuestions[Name]['answer']][];
  }

  /** Of any one that was well a moment ago. */
  async function askOne<Name extends keyof WorkerQuestions>(
    name: Name,
    argument: WorkerQuestions[Name]['argument'],
  ): Promise<WorkerQuestions[Name]['answer']> {
    let failure: unknown = new Error('no worker is ready');
    for (const [worker] of statuses) {
      try {
        return await worker.ask(name, argument);
      } catch (error) {
        failure = error;
      }
    }
    throw failure;
  }

  return {
    async refresh() {
      statuses = (await askAll('status')).map(([, worker, status]) => [worker, status]);
    },
    readiness() {
      const ready = statuses.find(([, { readiness }]) => readiness.ready);
      const [, status] = ready ?? statuses[0] ?? [];
      return status?.readiness ?? { ready: false, supergraph: null, subgraphs: {} };
    },
    subgraphs: () => [...new Set(statuses.flatMap(([, { subgraphs }]) => subgraphs))],
    async count(tier, tags) {
      if (tier !== 'memory') return askOne('count', { tier, tags });
      const counts = await Promise.all(statuses.map(([worker]) => worker.ask('count', { tier, tags })));
      return counts.reduce((sum, count) => sum + count, 0);
    },
    invalidate: async (invalidation) => void (await askOne('invalidate', invalidation)),
    metrics: async () =>
      new Map((await askAll('metrics')).map(([slot, , metrics]) => [String(slot), metrics])),
  };
}

async function inTime<T>(answer: Promise<T>, deadlineMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('the worker did not answer in time')), deadlineMs);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
