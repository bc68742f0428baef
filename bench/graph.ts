import { findMongod, startReplicaSet } from '../test/support/mongod.js';
import { load } from './support/load.js';
import { startSampleSystem } from './support/sampleSystem.js';
import { decimals, machine, table } from './support/table.js';

/** What a shop's category page asks: 20 products of one category, with stock from the second subgraph. */
const PRODUCT_PAGE = `query Page($category: String!) {
  products(category: $category, first: 20, sort: PRICE_ASC) {
    edges { node { id name price { amountMinor currency } imageUrls availability { inStock available } } }
    pageInfo { hasNextPage endCursor }
  }
}`;
const CATEGORIES = ['books', 'electronics', 'garden', 'toys'];

const bodies = CATEGORIES.map((category) => JSON.stringify({ query: PRODUCT_PAGE, variables: { category } }));

async function measure(name: string, env: NodeJS.ProcessEnv): Promise<string[]> {
  await using system = await startSampleSystem(env);
  const { gateway, subgraphs } = system;
  const result = await load({
    url: gateway.url,
    bodies,
    connections: 16,
    durationSeconds: Number(process.env['BENCH_SECONDS'] ?? 10),
    measured: [gateway, ...subgraphs],
    isRight: (body) => body.includes('"inStock"') && !body.includes('"errors"'),
  });
  const [gatewayCpu = 0, ...subgraphCpu] = result.cpuMsPerRequest;
  return [
    name,
    decimals(result.requestsPerSecond, 0),
    decimals(result.p50Ms, 1),
    decimals(result.p99Ms, 1),
    decimals(gatewayCpu, 2),
    decimals(
      subgraphCpu.reduce((sum, cpu) => sum + cpu, 0),
      2,
    ),
  ];
}

/** The baseline: a product page through gateway, products and inventory, on each database that is at hand. */
export async function benchGraph(): Promise<string> {
  const rows = [await measure('embedded', {})];
  if (process.env['MONGODB_URI']) {
    rows.push(await measure('MongoDB (MONGODB_URI)', { MONGODB_URI: process.env['MONGODB_URI'] }));
  } else if (findMongod() !== undefined) {
    await using mongod = await startReplicaSet();
    rows.push(await measure('MongoDB, one member, loopback', { MONGODB_URI: mongod.uri }));
  }
  return [
    `Product page, 16 connections, ${machine()}`,
    '',
    table(
      ['database', 'requests/s', 'p50 ms', 'p99 ms', 'gateway CPU ms/request', 'subgraphs CPU ms/request'],
      rows,
    ),
  ].join('\n');
}
