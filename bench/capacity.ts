import { decimals, table } from './support/table.js';

/** CPU time of a gateway per request, in ms. */
export interface Costs {
  /** Whole responses from memory. */
  readonly hit: number;
  /** Answers put together from entities in the cache. */
  readonly entityHit: number;
  /** One that asks subgraphs. */
  readonly miss: number;
}

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
export function parseCosts(text: string | undefined): Costs {
  const costs = (text ?? '').split(',').map(Number);
  const [hit = Number.NaN, entityHit = Number.NaN, miss = Number.NaN] = costs;
  if (costs.length !== 3 || !costs.every((cost) => cost > 0)) {
    throw new Error(
      'set HEADGATE_COSTS_MS=hit,entityHit,miss to CPU ms per request, measured by the other benches',
    );
  }
  return { hit, entityHit, miss };
}

/** Cores needed, from costs that were measured: no load is made here. */
export async function benchCapacity(): Promise<string> {
  const costs = parseCosts(process.env['HEADGATE_COSTS_MS']);
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
