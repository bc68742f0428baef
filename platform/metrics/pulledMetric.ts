import { Counter, Gauge, type Registry } from 'prom-client';

export interface PulledMetricOptions<L extends string> {
  readonly registry: Registry;
  readonly name: string;
  readonly help: string;
  readonly labelNames?: readonly L[];
  /** Every series there is, at the moment it is asked for. */
  read(): Iterable<Sample<L>>;
}

export interface Sample<L extends string> {
  readonly labels?: Readonly<Record<L, string>>;
  readonly value: number;
}

/** A value that somebody else keeps, and that is looked up only when metrics are asked for. */
export function pulledGauge<L extends string = never>(options: PulledMetricOptions<L>): void {
  const { registry, name, help, labelNames = [], read } = options;
  new Gauge<L>({
    name,
    help,
    labelNames: [...labelNames],
    registers: [registry],
    collect() {
      // Else a series whose subject is gone would be told for ever.
      this.reset();
      for (const { labels, value } of read()) this.set((labels ?? {}) as Record<L, string>, value);
    },
  });
}

/** The same for a count that only grows. */
export function pulledCounter<L extends string = never>(options: PulledMetricOptions<L>): void {
  const { registry, name, help, labelNames = [], read } = options;
  new Counter<L>({
    name,
    help,
    labelNames: [...labelNames],
    registers: [registry],
    collect() {
      this.reset();
      for (const { labels, value } of read()) this.inc((labels ?? {}) as Record<L, string>, value);
    },
  });
}
