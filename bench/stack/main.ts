import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { describeStack } from './describeStack.js';
import { startStack } from './startStack.js';

/** `npm run stack [-- --base-port 18080]`: the whole system without Docker, until Ctrl-C. */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { 'base-port': { type: 'string' } } });
  const report = (line: string) => process.stdout.write(`${line}\n`);
  const end = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const)
    process.once(name, () => end.abort(new Error('stopped before it was up')));
  const basePort = values['base-port'];
  const stack = await startStack({
    basePort: basePort === undefined ? undefined : Number(basePort),
    report,
    signal: end.signal,
  });
  try {
    report(describeStack(stack));
    if (!end.signal.aborted) await once(end.signal, 'abort');
    report('stopping everything, in reverse order');
  } finally {
    await stack[Symbol.asyncDispose]();
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exitCode = 1;
});
