import path from 'node:path';
import { parseArgs } from 'node:util';
import { composeSupergraph } from '../schema/composeSupergraph.js';
import { ITEMS_SCHEMA, SHELVES_SCHEMA } from './cache/pages.js';
import { type Growth, growthOf, judgeGrowth, type Verdict } from './soak/growth.js';
import { Traffic } from './soak/traffic.js';
import { Cleanup } from './support/cleanup.js';
import { startGatewayProcess } from './support/gatewayProcess.js';
import { type Memory, startMeasured } from './support/measuredProcess.js';
import { decimals, machine, table } from './support/table.js';

const MB = 1024 * 1024;
const SAMPLES = 10;
/** Until the verdict is clear; a busy machine makes more noise. */
const MAX_SAMPLES = 40;
const CONNECTIONS = 16;
/** What the promise is about. */
const MAX_BYTES_PER_100_000 = MB;
/** Beyond those there were: what comes and goes by itself, such as idle connections. */
const MAX_MORE_HANDLES = 50;

/** Small, so that they can be filled before anything is measured: a cache that still fills looks like a leak. */
const CONFIG = { planCacheEntries: 200, cache: { memoryBytes: 2 * MB } };
/**
 * Two caches of texts are bounded by their characters, 16 MB the larger: some 5,000 of these. The tables of their maps grow
 * a last time when as many again have come and gone.
 */
const FILL_TEXTS = 9_000;
const FILL_OPERATIONS = 500;
/** Of 1 kB and more. */
const FILL_PAGES = 4_000;
/**
 * Optimised code comes and goes by itself for minutes, with what belongs to it, more than a megabyte: without it, and with
 * all bytecode kept, what is in use changes by some ten kilobytes. What leaks does so without it as well.
 */
const STEADY_CODE = ['--no-opt', '--no-flush-bytecode'];

const LEAK = path.join(__dirname, 'soak/leak.js');

interface Outcome {
  readonly report: string;
  readonly passed: boolean;
}

/**
 * Whether memory stays where it is under everything that a gateway meets. First all caches are filled, which are bounded;
 * then memory is measured, after collecting garbage, each time a tenth of `--requests N` was answered, until the growth is
 * surely above or below 1 MB for 100,000 requests. Exits with 1 when it is not surely below. With `--leak BYTES`, so much is
 * left behind by each request on purpose: to see that it fails.
 */
async function soak(requests: number, leakBytes: number): Promise<Outcome> {
  await using cleanup = new Cleanup();
  const subgraphs = cleanup.use(await startMeasured('bench/servers/pageSubgraphs.js', []));
  const { supergraphSdl } = composeSupergraph([
    { name: 'shelves', url: `${subgraphs.url}/shelves`, typeDefs: SHELVES_SCHEMA },
    { name: 'items', url: `${subgraphs.url}/items`, typeDefs: ITEMS_SCHEMA },
  ]);
  const gateway = cleanup.use(
    await startGatewayProcess({
      supergraphSdl,
      config: CONFIG,
      env: { BENCH_LEAK_BYTES: String(leakBytes) },
      nodeOptions: [...STEADY_CODE, ...(leakBytes > 0 ? ['--require', LEAK] : [])],
    }),
  );
  const traffic = new Traffic(gateway.url);
  const perSample = Math.ceil(requests / SAMPLES);
  const cold = await gateway.memory();
  await traffic.runOnly('newText', FILL_TEXTS, CONNECTIONS);
  await traffic.runOnly('newOperation', FILL_OPERATIONS, CONNECTIONS);
  await traffic.runOnly('miss', FILL_PAGES, CONNECTIONS);
  // What depends on the mixture, such as compiled code.
  await traffic.run(perSample * 2, CONNECTIONS);

  const maxPerSample = MAX_BYTES_PER_100_000 * (perSample / 100_000);
  const samples: Memory[] = [await gateway.memory()];
  let growth: Growth | undefined;
  let verdict: Verdict = 'unclear';
  while (samples.length <= MAX_SAMPLES && (samples.length <= SAMPLES || verdict === 'unclear')) {
    await traffic.run(perSample, CONNECTIONS);
    samples.push(await gateway.memory());
    if (samples.length < 3) continue;
    growth = growthOf(samples.map(({ liveBytes }) => liveBytes));
    verdict = judgeGrowth(growth, maxPerSample);
  }
  const moreHandles = (samples.at(-1)?.handles ?? 0) - (samples[0]?.handles ?? 0);
  const rows = samples.map(({ liveBytes, handles }, index) => [
    String(index * perSample),
    decimals(liveBytes / MB, 2),
    String(handles),
  ]);
  const mbPer100_000 = (bytesPerSample = 0) => decimals((bytesPerSample * (100_000 / perSample)) / MB, 3);
  return {
    report: [
      `${decimals(cold.liveBytes / MB, 2)} MB when it had started, then ${FILL_TEXTS + FILL_OPERATIONS} operations and ${FILL_PAGES} pages to fill its caches; ${machine()}`,
      '',
      table(['requests since', 'live MB', 'handles'], rows),
      '',
      `${mbPer100_000(growth?.perSample)} MB (± ${mbPer100_000(growth?.uncertainty)}) stay for 100,000 requests: ${verdict}`,
      ...(moreHandles > MAX_MORE_HANDLES ? [`${moreHandles} more handles: a leak`] : []),
    ].join('\n'),
    passed: verdict === 'no leak' && moreHandles <= MAX_MORE_HANDLES,
  };
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { requests: { type: 'string', default: '200000' }, leak: { type: 'string', default: '0' } },
  });
  const requests = Number(values.requests);
  if (!Number.isInteger(requests) || requests < 1_000)
    throw new Error('--requests: expected a whole number from 1000');
  const leakBytes = Number(values.leak);
  if (!(leakBytes >= 0)) throw new Error('--leak: expected a number of bytes');
  const { report, passed } = await soak(requests, leakBytes);
  process.stdout.write(`${report}\n`);
  if (!passed) process.exitCode = 1;
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exitCode = 1;
});
