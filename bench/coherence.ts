import { MODES, type Mode } from './coherence/faults.js';
import { type CoherenceResult, type CoherenceSettings, runMode } from './coherence/runMode.js';
import { decimals, machine, table } from './support/table.js';

const numberFrom = (name: string, fallback: number): number => Number(process.env[name] ?? fallback);

const SETTINGS: CoherenceSettings = {
  writes: numberFrom('BENCH_WRITES', 10_000),
  readsPerWrite: numberFrom('BENCH_READS_PER_WRITE', 120),
  readersPerGateway: numberFrom('BENCH_READERS', 6),
  writers: numberFrom('BENCH_WRITERS', 4),
  directShare: 0.1,
};

/**
 * Whether two gateways ever serve what is older than they have acknowledged, and for how long what is older than the
 * other one or the database has acknowledged. `BENCH_MODES` names the runs.
 *
 * @throws when a run breaks a promise or does without its cache, or when the run without the fence breaks none
 */
export async function benchCoherence(): Promise<string> {
  const names = (process.env['BENCH_MODES'] ?? Object.keys(MODES).join()).split(',');
  const results: CoherenceResult[] = [];
  for (const name of names) {
    const mode = MODES[name] as Mode | undefined;
    if (mode === undefined) throw new Error(`BENCH_MODES: ${name} is none of ${Object.keys(MODES).join()}`);
    const result = await runMode(mode, SETTINGS);
    process.stderr.write(`${mode.title}: ${result.reads} reads in ${decimals(result.seconds, 0)} s\n`);
    results.push(result);
  }
  const text = report(results);
  const broken = results.filter((result) => {
    const { mode, violations, staleAfterwards } = result;
    return violations.length + staleAfterwards.length > 0 !== (mode.mustFail ?? false) || isUnused(result);
  });
  if (broken.length > 0) throw new Error(`${text}\n\n${broken.map(explain).join('\n')}`);
  return text;
}

function report(results: readonly CoherenceResult[]): string {
  const { readsPerWrite, readersPerGateway, writers, directShare } = SETTINGS;
  return [
    `2 gateways, ${2 * readersPerGateway} readers, ${writers} writers, ${readsPerWrite} reads for each write, ` +
      `${directShare * 100} % of the writes straight into MongoDB; ${machine()}`,
    '',
    table(
      ['', ...results.map(({ mode }) => mode.title)],
      [
        ['writes', ...results.map(({ writes }) => String(writes))],
        ['reads', ...results.map(({ reads }) => String(reads))],
        ['reads/s', ...results.map(({ reads, seconds }) => decimals(reads / seconds, 0))],
        [
          'wrong reads: older than acknowledged by the same gateway, or never written',
          ...results.map(({ violations }) => String(violations.length)),
        ],
        [
          'wrong reads after a second of quiet',
          ...results.map(({ staleAfterwards }) => String(staleAfterwards.length)),
        ],
        ...staleness('written through the other gateway', results, ({ otherGatewayMs }) => otherGatewayMs),
        ...staleness('written straight into MongoDB', results, ({ databaseMs }) => databaseMs),
        ['whole responses from memory', ...results.map(({ hits }) => share(hits.share('hit; tier=memory')))],
        ['whole responses from Redis', ...results.map(({ hits }) => share(hits.share('hit; tier=redis')))],
        ['joined', ...results.map(({ hits }) => share(hits.share('joined')))],
        ['hit ratio', ...results.map(({ hits }) => share(hits.ratio()))],
        ...(results[0]?.hits.reads ?? []).map((read) => [
          `hit ratio of: ${read}`,
          ...results.map(({ hits }) => share(hits.ratio(read))),
        ]),
      ],
    ),
  ].join('\n');
}

/** Per gateway: how long it went on with what was older. */
function staleness(
  what: string,
  results: readonly CoherenceResult[],
  msOf: (result: CoherenceResult) => readonly (readonly number[])[],
): string[][] {
  const gateways = results[0] === undefined ? [] : [...msOf(results[0]).keys()];
  return gateways.flatMap((gateway) =>
    [
      { name: 'p99', part: 0.99 },
      { name: 'max', part: 1 },
    ].map(({ name, part }) => [
      `${what}: stale at gateway ${gateway + 1} for, ${name} ms`,
      ...results.map((result) => percentile(msOf(result)[gateway] ?? [], part)),
    ]),
  );
}

function percentile(values: readonly number[], part: number): string {
  const sorted = [...values].sort((a, b) => a - b);
  const value = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];
  return value === undefined ? '-' : decimals(value, 1);
}

function share(part: number): string {
  return `${decimals(part * 100, 1)} %`;
}

function isUnused({ mode: { minHitRatio = 0 }, hits }: CoherenceResult): boolean {
  return hits.ratio() < minHitRatio;
}

function explain(result: CoherenceResult): string {
  const { mode, violations, staleAfterwards, hits } = result;
  if (isUnused(result))
    return `${mode.title}: a hit ratio of ${share(hits.ratio())} is too low to prove anything`;
  if (mode.mustFail) return `${mode.title}: the check did not find a single wrong read, so it proves nothing`;
  const some = [...violations, ...staleAfterwards].slice(0, 10).map((violation) => JSON.stringify(violation));
  return `${mode.title}: ${violations.length + staleAfterwards.length} wrong reads, such as\n${some.join('\n')}`;
}
