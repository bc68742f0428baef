import { parseArgs } from 'node:util';
import { decimals, machine, table } from '../support/table.js';
import { AlertFaults, MAX_CONCURRENT } from './alertFaults.js';
import { AlertWatch } from './alertWatch.js';
import { Drill } from './drill.js';
import { stackUntilSignal } from './stackUntilSignal.js';
import { Traffic } from './traffic.js';

/**
 * Starts the stack, makes the fault of every alert, and waits until Prometheus says that it fires, by its shipped
 * expression and `for:`, and after the repair that it is over. That takes half an hour: windows and `for:` are minutes.
 * `--only` names some of them, with commas. Exits with 1 when one did not fire, did not clear, or has no fault here.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { only: { type: 'string' } } });
  const beganAt = Date.now();
  const log = (line: string) => {
    const seconds = String(Math.round((Date.now() - beganAt) / 1000)).padStart(4);
    process.stderr.write(`${seconds} s  ${line}\n`);
  };
  const changes = { failPoints: true, maxConcurrent: MAX_CONCURRENT };
  await using stack = await stackUntilSignal({ report: log, changes });
  if (stack.prometheusUrl === undefined) throw new Error('no prometheus: set PROMETHEUS_BINARY');
  await new Traffic(stack.origin, { connections: 1, requestsPerSecond: 1 }).prepare();

  const watch = new AlertWatch(stack.prometheusUrl);
  const shipped = await watch.holdSeconds();
  const wanted = values.only?.split(',') ?? [...shipped.keys()];
  const unknown = wanted.filter((alert) => !shipped.has(alert));
  if (unknown.length > 0) throw new Error(`there is no alert ${unknown.join(', ')}`);
  const holds = new Map([...shipped].filter(([alert]) => wanted.includes(alert)));
  const drill = new Drill(watch, holds, log);
  const faults = new AlertFaults(stack, watch, drill);
  try {
    await faults.run();
  } finally {
    await faults.stop();
  }

  const seconds = (value: number | undefined) => (value === undefined ? '-' : decimals(value, 0));
  const rows = [...holds].map(([alert, hold]) => {
    const shown = drill.shown.find((one) => one.alert === alert);
    return [
      ...[alert, shown?.what ?? '-', String(hold)],
      ...[
        seconds(shown?.firedAfterS),
        seconds(shown?.clearedAfterS),
        shown ? (shown.problem ?? 'shown') : 'no fault',
      ],
    ];
  });
  const header = ['alert', 'fault', '`for`, s', 'fires after, s', 'over after, s', 'so it is'];
  process.stdout.write(`${machine()}; ${new Date(beganAt).toISOString()}\n\n${table(header, rows)}\n`);
  if (rows.some((row) => row.at(-1) !== 'shown')) process.exitCode = 1;
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exitCode = 1;
});
