import { parseArgs } from 'node:util';
import { composeSupergraph } from '../schema/composeSupergraph.js';
import { ITEMS_SCHEMA, SHELVES_SCHEMA } from './cache/pages.js';
import { Traffic } from './soak/traffic.js';
import { Cleanup } from './support/cleanup.js';
import { startGatewayProcess } from './support/gatewayProcess.js';
import { type Memory, startMeasured } from './support/measuredProcess.js';
import { decimals, machine, table } from './support/table.js';

const MB = 1024 * 1024;
const SAMPLES = 10;
const CONNECTIONS = 16;
/** What the promise is about. */
const MAX_BYTES_PER_100_000 = MB;

/** Small, so that it is full after warm-up: a cache that still fills looks like a leak. */
const CONFIG = { planCacheEntries: 200, cache: { memoryBytes: 8 * MB } };

/**
 * Whether memory stays where it is under everything that a gateway meets. `--requests N` (default 200,000) says for how
 * long; a quarter of them comes before, to warm up. Exits with 1 when more than 1 MB stays for 100,000 requests.
 */
async function soak(requests: number): Promise<{ readonly report: string; readonly leaks: boolean }> {
  await using cleanup = new Cleanup();
  const subgraphs = cleanup.use(await startMeasured('bench/servers/pageSubgraphs.js', []));
  const { supergraphSdl } = composeSupergraph([
    { name: 'shelves', url: `${subgraphs.url}/shelves`, typeDefs: SHELVES_SCHEMA },
    { name: 'items', url: `${subgraphs.url}/items`, typeDefs: ITEMS_SCHEMA },
  ]);
  const gateway = cleanup.use(await startGatewayProcess({ supergraphSdl, config: CONFIG }));
  const traffic = new Traffic(gateway.url);
  await traffic.run(Math.ceil(requests / 4), CONNECTIONS);

  const perSample = Math.ceil(requests / SAMPLES);
  const samples: Memory[] = [await gateway.memory()];
  for (let sample = 1; sample <= SAMPLES; sample++) {
    await traffic.run(perSample, CONNECTIONS);
    samples.push(await gateway.memory());
  }
  const growth = slopeOf(samples.map(({ liveBytes }) => liveBytes)) * (100_000 / perSample);
  const leaks = growth > MAX_BYTES_PER_100_000;
  const rows = samples.map(({ liveBytes, handles }, index) => [
    String(index * perSample),
    decimals(liveBytes / MB, 2),
    String(handles),
  ]);
  const verdict = `${decimals(growth / MB, 3)} MB stay for 100,000 requests: ${leaks ? 'a leak' : 'no leak'}`;
  return {
    report: [machine(), '', table(['requests', 'live MB', 'handles'], rows), '', verdict].join('\n'),
    leaks,
  };
}

/** Of the straight line with the least squares: how much each sample is above the one before. */
function slopeOf(values: readonly number[]): number {
  const middle = (values.length - 1) / 2;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const covariance = values.reduce((sum, value, index) => sum + (index - middle) * (value - mean), 0);
  const variance = values.reduce((sum, _value, index) => sum + (index - middle) ** 2, 0);
  return covariance / variance;
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { requests: { type: 'string', default: '200000' } } });
  const requests = Number(values.requests);
  if (!Number.isInteger(requests) || requests < 1_000)
    throw new Error('--requests: expected a whole number from 1000');
  const { report, leaks } = await soak(requests);
  process.stdout.write(`${report}\n`);
  if (leaks) process.exitCode = 1;
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exitCode = 1;
});
