import { AggregatorRegistry } from 'prom-client';
import type { MetricsJson } from './supervisionMessages.js';

/**
 * The metrics of several processes in one page, each series with the label `worker`. Sums would be wrong: a counter that
 * falls because one of its workers was replaced looks like one that began anew, and some gauges cannot be added.
 *
 * @param byWorker metrics of one gateway each, under the value of the label
 */
export async function labelMetrics(byWorker: ReadonlyMap<string, MetricsJson>): Promise<string> {
  const labelled = [...byWorker].map(([worker, metrics]) =>
    metrics.map((metric) => ({
      ...metric,
      // Each series is there once, so that the first of it is all of it.
      aggregator: 'first',
      values: (metric.values ?? []).map(({ value, labels, ...rest }) => ({
        ...rest,
        value: value ?? Number.NaN,
        labels: { ...labels, worker },
      })),
    })),
  );
  return AggregatorRegistry.aggregate(labelled).metrics();
}
