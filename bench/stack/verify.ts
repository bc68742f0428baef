import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { until } from '../../test/support/until.js';
import { decimals, machine, table } from '../support/table.js';
import { askDashboards, targetsDown } from './dashboardQueries.js';
import { untilNothingIsLeftAlone } from './gatewayViews.js';
import { PHASES, type Phase } from './phases.js';
import { stackUntilSignal } from './stackUntilSignal.js';
import type { Stack } from './startStack.js';
import { type Outcome, Traffic } from './traffic.js';

const ORDERS_TIMEOUT_MS = 120_000;
/** What comes back has to be seen to work, too. */
const RECOVERY_MS = 3_000;
/** Two scrapes, without which there is no rate, and one of slack. */
const SCRAPES_MS = 30_000;

interface PhaseResult {
  readonly phase: Phase;
  readonly outcomes: readonly Outcome[];
}

const wrongOf = ({ phase, outcomes }: PhaseResult): readonly Outcome[] =>
  outcomes.filter(({ kind, code }) => code !== undefined && !phase.mayFail.includes(kind));

/**
 * Starts the stack, takes away one part after another while clients read and order, and tells what they saw.
 * `--seconds` is how long a part is away, and how long a phase lasts at least; `--rate` requests per second are sent.
 * Exits with 1 when something failed that may not, or an accepted order did not come to its end.
 */
async function verify(seconds: number, rate: number): Promise<readonly string[]> {
  const report = (line: string) => process.stdout.write(`${line}\n`);
  await using stack = await stackUntilSignal({ report: (line) => process.stderr.write(`${line}\n`) });
  const traffic = new Traffic(stack.origin, { connections: 8, requestsPerSecond: rate });
  await traffic.prepare();
  const results: PhaseResult[] = [];
  for (const phase of PHASES) {
    const work = async () => {
      await Promise.all([sleep(seconds * 1000), sleep(1_000).then(() => phase.run(stack, seconds))]);
      // What was left alone a moment ago is this phase's matter, and not that of the next.
      await untilNothingIsLeftAlone(stack);
      await sleep(RECOVERY_MS);
    };
    results.push({ phase, outcomes: await traffic.during(work()) });
  }
  report(`${machine()}; ${rate} requests per second, a part is away for ${seconds} s`);
  report(
    `\n${table(['phase', 'requests', 'failed', 'of that not allowed', 'what failed', 'p50 ms', 'p99 ms'], results.map(rowOf))}\n`,
  );
  const faults = results.flatMap((result) => {
    const wrong = wrongOf(result);
    return wrong.length === 0 ? [] : [`${result.phase.name}: ${codesOf(wrong)}`];
  });
  return [...faults, ...(await faultsOfOrders(traffic, report)), ...(await faultsOfMetrics(stack, report))];
}

function rowOf(result: PhaseResult): string[] {
  const { phase, outcomes } = result;
  const failed = outcomes.filter(({ code }) => code !== undefined);
  const latencies = outcomes.map(({ latencyMs }) => latencyMs).sort((a, b) => a - b);
  const quantile = (part: number) => decimals(latencies[Math.floor(latencies.length * part)] ?? 0, 1);
  const counts = [outcomes, failed, wrongOf(result)].map(({ length }) => String(length));
  return [phase.name, ...counts, codesOf(failed), quantile(0.5), quantile(0.99)];
}

function codesOf(failed: readonly Outcome[]): string {
  const counts = new Map<string, number>();
  for (const { kind, code } of failed) {
    const what = `${kind} ${code}`;
    counts.set(what, (counts.get(what) ?? 0) + 1);
  }
  return [...counts].map(([what, count]) => `${count} × ${what}`).join(', ');
}

/** An order that was accepted is fulfilled, whatever was killed meanwhile. */
async function faultsOfOrders(traffic: Traffic, report: (line: string) => void): Promise<string[]> {
  const accepted = traffic.orders.length;
  let statuses = await traffic.orderStatuses();
  const areConfirmed = async () => {
    statuses = await traffic.orderStatuses();
    return statuses.get('CONFIRMED') === accepted;
  };
  await until('every accepted order is confirmed', areConfirmed, ORDERS_TIMEOUT_MS).catch(() => undefined);
  const said = [...statuses].map(([status, count]) => `${count} ${status}`).join(', ');
  report(`orders accepted: ${accepted}, of which in the end ${said}`);
  return accepted > 0 && statuses.get('CONFIRMED') === accepted ? [] : [`orders: ${said}`];
}

async function faultsOfMetrics({ prometheusUrl }: Stack, report: (line: string) => void): Promise<string[]> {
  if (prometheusUrl === undefined) {
    report('Prometheus is not on this machine: dashboards were not looked at');
    return [];
  }
  await sleep(SCRAPES_MS);
  const { text, missing } = await askDashboards(prometheusUrl);
  report(`\n${text}\n`);
  for (const query of missing) report(`no data: ${query}`);
  return (await targetsDown(prometheusUrl)).map((target) => `Prometheus cannot scrape ${target}`);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { seconds: { type: 'string', default: '5' }, rate: { type: 'string', default: '100' } },
  });
  const faults = await verify(Number(values.seconds), Number(values.rate));
  for (const fault of faults) process.stderr.write(`FAILED: ${fault}\n`);
  if (faults.length > 0) process.exitCode = 1;
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exitCode = 1;
});
