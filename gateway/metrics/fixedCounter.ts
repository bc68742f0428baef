import type { Registry } from 'prom-client';
import { pulledCounter } from '../../platform/metrics/pulledMetric.js';

export interface FixedCounterOptions<L extends string> {
  readonly registry: Registry;
  readonly name: string;
  readonly help: string;
  /** The values that each label can have. */
  readonly labels: Readonly<Record<L, readonly string[]>>;
}

/** One series of a counter: to be held by whoever counts in it for each request. */
export interface CounterSeries {
  value: number;
}

interface Series<L extends string> extends CounterSeries {
  readonly labels: Record<L, string>;
}

export interface FixedCounter {
  /**
   * Adds to the series of these values, in the order of `labels`; a combination that is not foreseen is a mistake of
   * ours, and is not counted.
   */
  (values: readonly string[], amount?: number): void;
  /** @throws for values that are not foreseen */
  series(values: readonly string[]): CounterSeries;
}

/**
 * A counter whose label values are all known beforehand. Counting is a look-up and an addition: it happens for every
 * request, also for one that is answered from cache in a few microseconds. All series are there from the start, so that
 * a rate over the first event is right.
 */
export function fixedCounter<L extends string>(options: FixedCounterOptions<L>): FixedCounter {
  const { registry, name, help, labels } = options;
  const labelNames = Object.keys(labels) as L[];
  const series = new Map<string, Series<L>>();
  for (const values of combinations(labelNames.map((label) => labels[label]))) {
    const entries = labelNames.map((label, index) => [label, values[index]]);
    series.set(values.join(), { labels: Object.fromEntries(entries), value: 0 });
  }
  pulledCounter({ registry, name, help, labelNames, read: () => series.values() });
  const count = (values: readonly string[], amount = 1) => {
    const one = series.get(values.join());
    if (one !== undefined) one.value += amount;
  };
  return Object.assign(count, {
    series(values: readonly string[]) {
      const one = series.get(values.join());
      if (one === undefined) throw new Error(`${name} has no series ${values.join()}`);
      return one;
    },
  });
}

function combinations(lists: readonly (readonly string[])[]): string[][] {
  return lists.reduce<string[][]>(
    (rows, list) => rows.flatMap((row) => list.map((value) => [...row, value])),
    [[]],
  );
}
