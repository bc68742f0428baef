import type { Registry } from 'prom-client';
import { pulledCounter } from '../../platform/metrics/pulledMetric.js';

export interface FixedCounterOptions<L extends string> {
  readonly registry: Registry;
  readonly name: string;
  readonly help: string;
  /** The values that each label can have. */
  readonly labels: Readonly<Record<L, readonly string[]>>;
}

interface Series<L extends string> {
  readonly labels: Record<L, string>;
  value: number;
}

/**
 * A counter whose label values are all known beforehand. Counting is a look-up and an addition: it happens for every
 * request, also for one that is answered from cache in a few microseconds. All series are there from the start, so that
 * a rate over the first event is right.
 *
 * @returns adds to the series of these values, in the order of `labels`; a combination that is not foreseen is a mistake
 *   of ours, and is not counted
 */
export function fixedCounter<L extends string>(
  options: FixedCounterOptions<L>,
): (values: readonly string[], amount?: number) => void {
  const { registry, name, help, labels } = options;
  const labelNames = Object.keys(labels) as L[];
  const series = new Map<string, Series<L>>();
  for (const values of combinations(labelNames.map((label) => labels[label]))) {
    const entries = labelNames.map((label, index) => [label, values[index]]);
    series.set(values.join(), { labels: Object.fromEntries(entries), value: 0 });
  }
  pulledCounter({ registry, name, help, labelNames, read: () => series.values() });
  return (values, amount = 1) => {
    const one = series.get(values.join());
    if (one !== undefined) one.value += amount;
  };
}

function combinations(lists: readonly (readonly string[])[]): string[][] {
  return lists.reduce<string[][]>(
    (rows, list) => rows.flatMap((row) => list.map((value) => [...row, value])),
    [[]],
  );
}
