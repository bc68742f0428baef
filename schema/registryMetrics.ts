import { Counter, Histogram, type Registry } from 'prom-client';
import { pulledGauge } from '../platform/metrics/pulledMetric.js';
import type { CheckRequest } from './check/checker.js';
import type { CheckResult } from './check/checkResult.js';
import type { Distribution } from './graph/distribution.js';
import type { Publisher } from './graph/publish.js';
import type { Job, ResultOf } from './work/jobs.js';
import type { SchemaWorker } from './work/schemaWorker.js';

type Check = (request: CheckRequest) => Promise<CheckResult>;

/** What an operator sees of a registry: each takes a part of it, and gives back the same with its work counted. */
export interface RegistryMetrics {
  publisher(publisher: Publisher): Publisher;
  check(check: Check): Check;
  worker(worker: SchemaWorker): SchemaWorker;
  watch(distribution: Pick<Distribution, 'waiting'>): void;
}

/** A large graph takes tens of seconds. */
const WORK_SECONDS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120];

export function createRegistryMetrics(registry: Registry): RegistryMetrics {
  const registers = [registry];
  const publications = new Counter({
    name: 'headgate_schema_publications_total',
    help: 'Schemas that were published or removed, by what came of it.',
    labelNames: ['outcome'],
    registers,
  });
  const checks = new Counter({
    name: 'headgate_schema_checks_total',
    help: 'Schemas that were checked, by what came of it.',
    labelNames: ['outcome'],
    registers,
  });
  const work = new Histogram({
    name: 'headgate_schema_work_duration_seconds',
    help: 'Jobs of the thread that composes, from when they were given to it: waiting for others counts.',
    labelNames: ['kind', 'outcome'],
    buckets: WORK_SECONDS,
    registers,
  });
  return {
    publisher: ({ publish, rollback }) => ({
      publish: (request) => counted(publish(request), publications),
      rollback,
    }),
    check: (check) => (request) => counted(check(request), checks),
    worker: (worker) => ({
      async run<J extends Job>(job: J): Promise<ResultOf<J>> {
        const began = performance.now();
        const done = (outcome: 'done' | 'failed') =>
          work.observe({ kind: job.kind, outcome }, (performance.now() - began) / 1_000);
        return worker.run(job).then(
          (result) => {
            done('done');
            return result;
          },
          (error: unknown) => {
            done('failed');
            throw error;
          },
        );
      },
      close: () => worker.close(),
    }),
    watch(distribution) {
      pulledGauge({
        registry,
        name: 'headgate_schema_gateways_waiting',
        help: 'Requests of gateways that wait for another supergraph than the one they have.',
        read: () => [{ value: distribution.waiting }],
      });
    },
  };
}

/** By its outcome; what ends in an error has none of its own. */
async function counted<T extends { readonly outcome: string }>(
  work: Promise<T>,
  counter: Counter<'outcome'>,
): Promise<T> {
  try {
    const result = await work;
    counter.inc({ outcome: result.outcome });
    return result;
  } catch (error) {
    counter.inc({ outcome: 'error' });
    throw error;
  }
}
