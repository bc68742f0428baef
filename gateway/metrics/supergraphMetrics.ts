import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { pulledCounter, pulledGauge } from '../../platform/metrics/pulledMetric.js';
import { REGISTRY_PROBLEMS } from '../supergraph/registry/registryProblem.js';
import type { ReloadOutcome } from '../supergraph/supergraphGateway.js';
import type { SourceStatus } from '../supergraph/supergraphSource.js';

export interface SupergraphMetrics {
  reloaded(outcome: ReloadOutcome, seconds: number): void;
  usageReported(outcome: 'sent' | 'failed', uses: number): void;
  /** Uses that could not be counted. */
  usageLost(uses: number): void;
  /** Tells from now on what this says of the registry. Once per gateway. */
  watchRegistry(status: () => SourceStatus | undefined): void;
}

const PREPARE_SECONDS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

export function createSupergraphMetrics(registry: Registry): SupergraphMetrics {
  let status: () => SourceStatus | undefined = () => undefined;
  const registers = [registry];
  const reloads = new Counter({
    name: 'headgate_supergraph_reloads_total',
    help: 'Supergraphs that came, by whether they are served; the first of the process is among them.',
    labelNames: ['outcome'],
    registers,
  });
  for (const outcome of ['adopted', 'refused'] satisfies ReloadOutcome[]) reloads.inc({ outcome }, 0);
  const duration = new Histogram({
    name: 'headgate_supergraph_prepare_seconds',
    help: 'From the text of a supergraph to when it is served, its plans made, or refused.',
    buckets: PREPARE_SECONDS,
    registers,
  });
  const adoptedAt = new Gauge({
    name: 'headgate_supergraph_adopted_timestamp_seconds',
    help: 'When the supergraph that is served was taken, in Unix time.',
    registers,
  });
  const reports = new Counter({
    name: 'headgate_usage_reports_total',
    help: 'Reports of usage to the schema registry; one that failed is given up.',
    labelNames: ['outcome'],
    registers,
  });
  const lost = new Counter({
    name: 'headgate_usage_lost_total',
    help: 'Requests that the schema registry will not hear of: in reports that failed, or not counted.',
    registers,
  });
  pulledCounter({
    registry,
    name: 'headgate_registry_answers_total',
    help: 'Requests to the schema registry for the supergraph, by what came of them.',
    labelNames: ['outcome'],
    *read() {
      for (const { outcome, value } of status()?.answers ?? []) yield { labels: { outcome }, value };
    },
  });
  pulledGauge({
    registry,
    name: 'headgate_registry_version',
    help: 'Version of the supergraph that is served, as the schema registry counts.',
    *read() {
      const version = status()?.version;
      if (version !== undefined) yield { value: version };
    },
  });
  pulledGauge({
    registry,
    name: 'headgate_registry_problem',
    help: '1 for what keeps this gateway from following the schema registry, 0 for all else that could.',
    labelNames: ['kind'],
    *read() {
      const now = status();
      if (now === undefined) return;
      for (const kind of REGISTRY_PROBLEMS) {
        yield { labels: { kind }, value: now.problem?.kind === kind ? 1 : 0 };
      }
    },
  });
  pulledGauge({
    registry,
    name: 'headgate_registry_unconfirmed_seconds',
    help: 'Since when the schema registry has not said which supergraph is current.',
    *read() {
      const confirmedAt = status()?.confirmedAt;
      if (confirmedAt !== undefined) yield { value: Math.max(0, Date.now() - confirmedAt) / 1000 };
    },
  });
  return {
    reloaded(outcome, seconds) {
      reloads.inc({ outcome });
      duration.observe(seconds);
      if (outcome === 'adopted') adoptedAt.setToCurrentTime();
    },
    usageReported(outcome, uses) {
      reports.inc({ outcome });
      if (outcome === 'failed') lost.inc(uses);
    },
    usageLost: (uses) => lost.inc(uses),
    watchRegistry(read) {
      status = read;
    },
  };
}
