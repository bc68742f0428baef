import { setTimeout as sleep } from 'node:timers/promises';
import { composeSupergraph } from '../schema/composeSupergraph.js';
import { startNginx } from '../test/support/nginx.js';
import { shippedNginx } from '../test/support/shippedNginx.js';
import { ITEMS_SCHEMA, pageId, SHELVES_SCHEMA, shelfAnswer, shelfRequest } from './cache/pages.js';
import { exactLoad } from './support/exactLoad.js';
import { startGatewayProcess } from './support/gatewayProcess.js';
import { headerOf, postBytes } from './support/httpConnection.js';
import { type MeasuredProcess, startMeasured } from './support/measuredProcess.js';
import { decimals, machine, table } from './support/table.js';

const CONNECTIONS = 12;
const SECONDS = Number(process.env['BENCH_SECONDS'] ?? 10);
/** A slow gateway stands still for the first of these, and works for the second, by turns. */
const [STOPPED_MS, RUNNING_MS] = [60, 20];
const KEYS = 200;
/** How the answer says which gateway gave it. */
const MARK = 'x-edge-cache $upstream_cache_status;';

type Method = 'round robin' | 'least_conn';

/** What a slow gateway gets of the requests, and what that does to clients: the shipped NGINX, and one that takes turns. */
export async function benchBalancing(): Promise<string> {
  await using subgraphs = await startMeasured('bench/servers/pageSubgraphs.js', []);
  const { supergraphSdl } = composeSupergraph([
    { name: 'shelves', url: `${subgraphs.url}/shelves`, typeDefs: SHELVES_SCHEMA },
    { name: 'items', url: `${subgraphs.url}/items`, typeDefs: ITEMS_SCHEMA },
  ]);
  await using first = await startGatewayProcess({ supergraphSdl });
  await using second = await startGatewayProcess({ supergraphSdl });
  await using third = await startGatewayProcess({ supergraphSdl });
  const gateways = [first, second, third];
  const rows: string[][] = [];
  for (const isSlow of [false, true]) {
    for (const method of ['round robin', 'least_conn'] as const)
      rows.push(await measure(gateways, method, isSlow));
  }
  return [
    `NGINX before three gateways, ${CONNECTIONS} connections, entities from memory, ${SECONDS} s each; the slow one stands still for ${STOPPED_MS} of ${STOPPED_MS + RUNNING_MS} ms, ${machine()}`,
    '',
    table(['balancing', 'gateway 3', 'requests/s', 'p50 ms', 'p99 ms', 'to 1', 'to 2', 'to 3'], rows),
  ].join('\n');
}

async function measure(
  gateways: readonly MeasuredProcess[],
  method: Method,
  isSlow: boolean,
): Promise<string[]> {
  const hosts = gateways.map(({ url }) => new URL(url).host);
  await using nginx = await startNginx((place) => {
    const shipped = shippedNginx(hosts, place).replace(MARK, `${MARK} add_header x-upstream $upstream_addr;`);
    return method === 'least_conn' ? shipped : shipped.replace('  least_conn;\n', '');
  });
  const url = `http://127.0.0.1:${nginx.port}/graphql`;
  const ids = Array.from({ length: KEYS }, (_, index) => pageId(index, 1_000));
  const expected = ids.map(shelfAnswer);
  let variant = 0;
  const requests = ids.map(() => Buffer.alloc(0));
  // As a getter, each request is another one than all before: no whole response is kept.
  for (const [index, id] of ids.entries()) {
    Object.defineProperty(requests, index, { get: () => postBytes(url, shelfRequest(id, variant++)) });
  }
  const counts = new Map<string, number>();
  const run = (until: { seconds: number }) =>
    exactLoad({
      ...{ url, requests, connections: CONNECTIONS, until },
      isRight(answer, index) {
        const host = headerOf(answer, 'x-upstream') ?? 'nobody';
        counts.set(host, (counts.get(host) ?? 0) + 1);
        return answer.status === 200 && answer.body.equals(expected[index] as Buffer);
      },
    });
  // Entities come into the memory of each, and connections are made.
  await run({ seconds: Math.max(1, SECONDS / 5) });
  counts.clear();
  const slowness = isSlow ? slowDown(gateways[2] as MeasuredProcess) : undefined;
  try {
    const result = await run({ seconds: SECONDS });
    const share = (host: string) => `${decimals((100 * (counts.get(host) ?? 0)) / result.requests, 1)} %`;
    const numbers = [
      decimals(result.requestsPerSecond, 0),
      decimals(result.p50Ms, 1),
      decimals(result.p99Ms, 1),
    ];
    return [method, isSlow ? 'slow' : 'like the others', ...numbers, ...hosts.map(share)];
  } finally {
    await slowness?.end();
  }
}

/** As on a machine that has too much to do. */
function slowDown(gateway: MeasuredProcess): { end(): Promise<void> } {
  let isOver = false;
  const turns = (async () => {
    while (!isOver) {
      gateway.signal('SIGSTOP');
      await sleep(STOPPED_MS);
      gateway.signal('SIGCONT');
      await sleep(RUNNING_MS);
    }
  })();
  return {
    async end() {
      isOver = true;
      await turns;
    },
  };
}
