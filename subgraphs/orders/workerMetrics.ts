import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { OrderStatus } from './orderState.js';
import type { JobQueue, QueueStats } from './queue/jobQueue.js';

export interface WorkerMetrics {
  readonly registry: Registry;
  reached(status: OrderStatus): void;
  /** Everything at this moment, in the text format of Prometheus. */
  text(): Promise<string>;
  /** One try of a job. */
  handled(outcome: 'done' | 'failed' | 'dead', seconds: number): void;
}

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** What an operator sees of one worker, and of the queue that all of them share. */
export function createWorkerMetrics(queue: Pick<JobQueue, 'stats'>): WorkerMetrics {
  const registry = new Registry();
  const registers = [registry];
  const jobs = new Gauge({
    name: 'headgate_order_queue_jobs',
    help: 'Jobs in the queue by state; of all workers together.',
    labelNames: ['state'],
    registers,
  });
  const age = new Gauge({
    name: 'headgate_order_queue_oldest_seconds',
    help: 'Since when the oldest job that is not done is in the queue; 0 when there is none.',
    registers,
  });
  const up = new Gauge({
    name: 'headgate_order_queue_up',
    help: '1 when the queue answered just now, 0 when it did not; its other metrics are then missing.',
    registers,
  });
  function show({ waiting, active, delayed, deadLetters, oldestAgeMs }: QueueStats): void {
    for (const [state, count] of Object.entries({ waiting, active, delayed, dead: deadLetters })) {
      jobs.set({ state }, count);
    }
    age.set(oldestAgeMs / 1_000);
  }
  const transitions = new Counter({
    name: 'headgate_order_transitions_total',
    help: 'Statuses that orders have reached by the work of this process.',
    labelNames: ['status'],
    registers,
  });
  const durations = new Histogram({
    name: 'headgate_order_job_duration_seconds',
    help: 'Tries of jobs by outcome; dead are those after which a job went to the dead letters.',
    labelNames: ['outcome'],
    buckets: SECONDS,
    registers,
  });
  return {
    registry,
    async text() {
      const stats = await queue.stats().catch(() => undefined);
      up.set(stats ? 1 : 0);
      if (stats) show(stats);
      else {
        // Old numbers would look like a queue that stands still.
        jobs.reset();
        age.remove();
      }
      return registry.metrics();
    },
    reached: (status) => transitions.inc({ status }),
    handled: (outcome, seconds) => durations.observe({ outcome }, seconds),
  };
}
