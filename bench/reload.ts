import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createSigner, generateSigningKey } from '../schema/graph/signing.js';
import { createCatalogue, FIRST, STEPS, type Step } from '../test/support/changeStory/catalogue.js';
import { startSteadyLoad, summarise } from '../test/support/changeStory/steadyLoad.js';
import { startSubscribers } from '../test/support/changeStory/subscribers.js';
import { startTestSubgraph, type TestSubgraph } from '../test/support/testSubgraph.js';
import { until } from '../test/support/until.js';
import { Cleanup } from './support/cleanup.js';
import { startGatewayProcess } from './support/gatewayProcess.js';
import { startMeasured } from './support/measuredProcess.js';
import { decimals, machine, table } from './support/table.js';

const SECONDS = Number(process.env['BENCH_SECONDS'] ?? 10);
const REQUESTS_PER_SECOND = 200;
/** After the first answer of a new graph: what it costs to fill the cache of responses again is part of a swap. */
const AFTERWARDS_MS = 1_000;
const ADMIN_TOKEN = 'bench-token-of-admin';
const GATEWAY_TOKEN = 'bench-token-of-gateways';

/** What a change of the graph costs those who read meanwhile. Registry and gateway are processes of their own. */
export async function benchReload(): Promise<string> {
  await using cleanup = new Cleanup();
  const catalogue = createCatalogue();
  const subgraphs = await Promise.all(catalogue.subgraphs.map(startTestSubgraph));
  cleanup.defer(async () => void (await Promise.all(subgraphs.map((subgraph) => subgraph.close()))));
  const folder = mkdtempSync(path.join(tmpdir(), 'headgate-bench-'));
  cleanup.defer(async () => rmSync(folder, { recursive: true, force: true }));
  const registry = await startRegistryProcess(folder);
  cleanup.use(registry);
  await take(registry.url, FIRST, subgraphs);
  const gateway = await startGatewayProcess({
    supergraphSdl: '',
    config: {
      // There is none: it comes from the registry.
      supergraph: undefined,
      introspection: true,
      registry: {
        url: registry.url,
        token: GATEWAY_TOKEN,
        publicKey: registry.publicKey,
        cacheFile: path.join(folder, 'supergraph.json'),
      },
    },
  });
  cleanup.use(gateway);
  const url = new URL(gateway.url).origin;
  const subscribers = await startSubscribers(url, catalogue.changes);
  const load = startSteadyLoad({ url, requestsPerSecond: REQUESTS_PER_SECOND });

  const phases: { readonly title: string; readonly from: number; readonly to: number }[] = [];
  await wait(SECONDS * 500); // until the code is warm
  let from = performance.now();
  await wait(SECONDS * 1000);
  phases.push({ title: FIRST.title, from, to: performance.now() });
  const steady = await gateway.usage();
  for (const step of STEPS) {
    from = performance.now();
    await take(registry.url, step, subgraphs);
    await until(`${step.serves} is served`, () => load.samples.at(-1)?.version === step.serves, 30_000);
    await wait(AFTERWARDS_MS);
    phases.push({ title: step.title, from, to: performance.now() });
    // The next one finds everything as it was before.
    await wait(SECONDS * 200);
  }
  await load.stop();
  const dropped = await subscribers.finish();
  const all = summarise(load.samples);
  const rows = phases.map(({ title, from, to }) => {
    const samples = load.samples.filter(({ dueAt }) => dueAt >= from && dueAt < to);
    const { requests, failed, p50Ms, p99Ms, maxMs } = summarise(samples);
    return [title, String(requests), String(failed), ...[p50Ms, p99Ms, maxMs].map((ms) => decimals(ms, 2))];
  });
  return [
    `## A new graph under ${REQUESTS_PER_SECOND} requests/s`,
    `${machine()}; from the publish to ${AFTERWARDS_MS} ms after the first answer of the new graph; gateway ${decimals(steady.rssBytes / 2 ** 20, 0)} MiB`,
    table(['while', 'requests', 'failed', 'p50 ms', 'p99 ms', 'max ms'], rows),
    `all: ${all.requests} requests, ${all.failed} failed; subscriptions: ${dropped.length === 0 ? 'none dropped, no event missed' : dropped.join('; ')}`,
  ].join('\n\n');
}

async function startRegistryProcess(folder: string) {
  const signingKey = generateSigningKey();
  const file = path.join(folder, 'registry.yaml');
  const tokens = [
    { name: 'bench', role: 'admin', token: ADMIN_TOKEN },
    { name: 'gateways', role: 'gateway', token: GATEWAY_TOKEN },
  ];
  writeFileSync(file, JSON.stringify({ registry: { port: 0, signingKey, tokens } }));
  const running = await startMeasured('cli/headgate.js', ['registry', '--config', file]);
  return { ...running, publicKey: createSigner(signingKey).publicKey };
}

/** @throws when the registry does not do what the step expects */
async function take(
  registryUrl: string,
  { title, publish, rollbackTo, isBroken = false }: Step,
  subgraphs: readonly TestSubgraph[],
): Promise<void> {
  const urlOf = (name: string) => subgraphs.find((subgraph) => subgraph.name === name)?.url;
  const schemas = Object.entries(publish ?? {}).map(([name, schema]) => ({ name, schema, url: urlOf(name) }));
  const isRollback = rollbackTo !== undefined;
  const response = await fetch(`${registryUrl}/v1/${isRollback ? 'rollback' : 'publish'}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${ADMIN_TOKEN}`, 'content-type': 'application/json' },
    body: JSON.stringify(isRollback ? { to: rollbackTo } : { subgraphs: schemas }),
  });
  if ((response.status === 422) !== isBroken || (!isBroken && !response.ok)) {
    throw new Error(`${title}: the registry answered ${response.status}: ${await response.text()}`);
  }
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
