import { ANSWER_BYTES, type Costs, measureCosts } from './capacity/measureCosts.js';
import { decimals, machine, table } from './support/table.js';

export interface Mix {
  readonly hit: number;
  readonly entityHit: number;
}

/** A core that is busy for longer makes requests wait. */
const BUSY = 0.6;
const RATES = [10_000, 100_000, 1_000_000];
const MIXES: readonly Mix[] = [
  { hit: 0.5, entityHit: 0.2 },
  { hit: 0.8, entityHit: 0.1 },
  { hit: 0.95, entityHit: 0.03 },
  { hit: 0.99, entityHit: 0.005 },
];

/** Requests per second that one core carries at the share of its time that it may be busy. */
export function perCore({ hit, entityHit, miss }: Costs, mix: Mix): number {
  const cost = mix.hit * hit + mix.entityHit * entityHit + (1 - mix.hit - mix.entityHit) * miss;
  return (1000 * BUSY) / cost;
}

/** @param text `hit,entityHit,miss` in ms, as measured on the machine in question @throws when it is something else */
export function parseCosts(text: string): Costs {
  const costs = text.split(',').map(Number);
  const [hit = Number.NaN, entityHit = Number.NaN, miss = Number.NaN] = costs;
  if (costs.length !== 3 || !costs.every((cost) => cost > 0)) {
    throw new Error(
      'set HEADGATE_COSTS_MS=hit,entityHit,miss to CPU ms per request, or leave it out to have them measured',
    );
  }
  return { hit, entityHit, miss };
}

/** Cores needed, from what requests cost: measured here, unless `HEADGATE_COSTS_MS` brings what was measured elsewhere. */
export async function benchCapacity(): Promise<string> {
  const given = process.env['HEADGATE_COSTS_MS'];
  const seconds = Number(process.env['BENCH_SECONDS'] ?? 10);
  const rounds = Number(process.env['BENCH_ROUNDS'] ?? 5);
  const costs = given ? parseCosts(given) : await measureCosts(seconds, rounds);
  const { hit, entityHit, miss } = costs;
  const said = [
    given
      ? 'Costs as given'
      : `An answer of ${ANSWER_BYTES / 1000} KB, median of ${rounds} rounds, ${machine()}`,
    `CPU of the gateway per request: hit ${decimals(hit, 3)} ms, entity hit ${decimals(entityHit, 3)} ms, miss ${decimals(miss, 3)} ms`,
    `A core may be busy for ${BUSY * 100} % of its time`,
  ].join('; ');
  return `${said}\n\n${capacityTable(costs)}`;
}

export function capacityTable(costs: Costs): string {
  const rows = MIXES.map((mix) => {
    const each = perCore(costs, mix);
    const rest = 1 - mix.hit - mix.entityHit;
    return [
      [mix.hit, mix.entityHit, rest].map((part) => `${decimals(part * 100, 1)} %`).join(' / '),
      decimals(each, 0),
      ...RATES.map((rate) => String(Math.ceil(rate / each))),
    ];
  });
  return table(
    ['hit / entity hit / miss', 'reads/s per core', ...RATES.map((rate) => `cores for ${rate / 1000} k/s`)],
    rows,
  );
}
