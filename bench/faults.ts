import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { composeSupergraph } from '../schema/composeSupergraph.js';
import { type CuttableProxy, startCuttableProxy } from '../test/support/cuttableProxy.js';
import { findMongod, startReplicaSet } from '../test/support/mongod.js';
import { startRedis } from '../test/support/redis.js';
import { ITEMS_SCHEMA, pageId, pageRequest, SHELVES_SCHEMA } from './cache/pages.js';
import { Cleanup } from './support/cleanup.js';
import { startGatewayProcess } from './support/gatewayProcess.js';
import { HttpConnection, postBytes } from './support/httpConnection.js';
import { startMeasured } from './support/measuredProcess.js';
import { startSampleSystem } from './support/sampleSystem.js';
import { decimals, machine, table } from './support/table.js';

const ATTEMPTS = Number(process.env['BENCH_ATTEMPTS'] ?? 20);
const TIMEOUT_MS = 1_000;

const ANSWER = '{"data":{"page":{"id":"1000-1","text":"hello"}}}';
const send =
  (status: number, type: string, body: string): RequestListener =>
  (_request, response) => {
    response.writeHead(status, { 'content-type': type }).end(body);
  };

/** What a subgraph does to a request whose body has come. */
const SUBGRAPH_FAULTS: Readonly<Record<string, RequestListener>> = {
  'answers (nothing fails)': send(200, 'application/json', ANSWER),
  'takes 200 ms': (request, response) => {
    setTimeout(() => send(200, 'application/json', ANSWER)(request, response), 200);
  },
  'cuts the connection': (request) => request.socket.destroy(),
  'cuts its answer half-way': (_request, response) => {
    response.writeHead(200, { 'content-length': 100 });
    response.write(ANSWER.slice(0, 20), () => response.destroy());
  },
  'never answers': () => undefined,
  'drips a byte every 100 ms': (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': ANSWER.length });
    let sent = 0;
    const timer = setInterval(() => response.write(ANSWER[sent++] ?? ' '), 100);
    response.once('close', () => clearInterval(timer));
  },
  'answers 500 with HTML': send(500, 'text/html', '<h1>500</h1>'),
  'answers 503 with HTML': send(503, 'text/html', '<h1>503</h1>'),
  'answers 200 with HTML': send(200, 'text/html', '<h1>hello</h1>'),
  'answers broken JSON': send(200, 'application/json', '{"data":'),
  'answers 2 MB where 1 MB is allowed': send(
    200,
    'application/json',
    `{"data":{"page":{"id":"1","text":"${'x'.repeat(2 * 1024 * 1024)}"}}}`,
  ),
};

/** What the network to Redis or MongoDB does, once all are connected. */
const NETWORK_FAULTS: Readonly<Record<string, (network: CuttableProxy) => void>> = {
  'answers (nothing fails)': () => undefined,
  'cuts every connection': (network) => network.cut(),
  'accepts and never answers': (network) => network.freeze(),
};

/** What a client gets, and after how long, for every fault of a subgraph, of Redis, and of a subgraph's MongoDB. */
export async function benchFaults(): Promise<string> {
  const rows = [...(await subgraphRows()), ...(await redisRows())];
  if (findMongod() === undefined) rows.push(['MongoDB: not found (MONGOD_BINARY)', '', '', '']);
  else rows.push(...(await mongodbRows()));
  const header = ['fault', 'what the client gets', 'median ms', 'max ms'];
  return `${ATTEMPTS} requests each, \`timeoutMs: ${TIMEOUT_MS}\`; ${machine()}\n\n${table(header, rows)}`;
}

async function subgraphRows(): Promise<string[][]> {
  const rows: string[][] = [];
  for (const [name, fault] of Object.entries(SUBGRAPH_FAULTS)) {
    await using cleanup = new Cleanup();
    const url = await openServer(fault, cleanup);
    const gateway = cleanup.use(
      await startGatewayProcess({
        supergraphSdl: supergraphOf(url),
        config: {
          subgraphs: {
            // Else the later requests would be refused at once: here each one is to meet the fault.
            all: { timeoutMs: TIMEOUT_MS, maxResponseBytes: 1024 * 1024, breaker: { failures: 0 } },
          },
        },
      }),
    );
    rows.push([`subgraph ${name}`, ...(await ask(gateway.url))]);
  }
  await using cleanup = new Cleanup();
  const url = await openServer(SUBGRAPH_FAULTS['cuts the connection'] as RequestListener, cleanup);
  const gateway = cleanup.use(await startGatewayProcess({ supergraphSdl: supergraphOf(url) }));
  await ask(gateway.url);
  rows.push(['subgraph is left alone, after failures in a row', ...(await ask(gateway.url))]);
  return rows;
}

async function redisRows(): Promise<string[][]> {
  const rows: string[][] = [];
  for (const [name, fault] of Object.entries(NETWORK_FAULTS)) {
    await using cleanup = new Cleanup();
    const subgraphs = cleanup.use(await startMeasured('bench/servers/pageSubgraphs.js', []));
    const redis = cleanup.use(await startRedis());
    const proxy = cleanup.use(await startCuttableProxy(redis.port));
    const gateway = cleanup.use(
      await startGatewayProcess({
        supergraphSdl: supergraphOf(`${subgraphs.url}/shelves`),
        config: { cache: { redisUrl: `redis://127.0.0.1:${proxy.port}` } },
      }),
    );
    await ask(gateway.url);
    fault(proxy);
    rows.push([`Redis ${name}`, ...(await ask(gateway.url))]);
  }
  return rows;
}

/** The sample shop, whose subgraphs keep their data in a real MongoDB. */
async function mongodbRows(): Promise<string[][]> {
  const rows: string[][] = [];
  for (const [name, fault] of Object.entries(NETWORK_FAULTS)) {
    await using cleanup = new Cleanup();
    const mongod = cleanup.use(await startReplicaSet());
    const network = cleanup.use(await startCuttableProxy(mongod.members[0]?.port ?? 0));
    // Directly: the members of a set tell their own addresses.
    const uri = `mongodb://127.0.0.1:${network.port}/?directConnection=true`;
    const { gateway } = cleanup.use(await startSampleSystem({ MONGODB_URI: uri }));
    await ask(gateway.url, productRequest);
    fault(network);
    // A hang takes seconds, each time the same.
    const attempts = Math.min(ATTEMPTS, 5);
    rows.push([`MongoDB ${name}: a read`, ...(await ask(gateway.url, productRequest, attempts))]);
    rows.push([`MongoDB ${name}: a write`, ...(await ask(gateway.url, restockRequest, attempts))]);
  }
  return rows;
}

let pages = 0;
const newPageRequest = () => pageRequest(pageId(++pages, 1_000));
const nextProduct = () => `books-${String(++pages % 700).padStart(4, '0')}`;
const productRequest = () => JSON.stringify({ query: `{ product(id: "${nextProduct()}") { name } }` });
const restockRequest = () =>
  JSON.stringify({ query: `mutation { restock(productId: "${nextProduct()}", quantity: 1) { onHand } }` });

/** @param next what no cache has */
async function ask(url: string, next = newPageRequest, attempts = ATTEMPTS): Promise<string[]> {
  const connection = new HttpConnection(url);
  const outcomes = new Set<string>();
  const latencies: number[] = [];
  for (let attempt = 0; attempt < attempts; attempt++) {
    const request = postBytes(url, next());
    const sentAt = performance.now();
    const { status, body } = await connection.send(request);
    latencies.push(performance.now() - sentAt);
    const { errors } = JSON.parse(body.toString()) as { errors?: { extensions: { code: string } }[] };
    outcomes.add(`${status}, ${errors?.[0] ? `\`${errors[0].extensions.code}\`` : 'the data'}`);
  }
  connection.close();
  latencies.sort((a, b) => a - b);
  const [median = 0, longest = 0] = [latencies[Math.floor(attempts / 2)], latencies.at(-1)];
  return [[...outcomes].join('; '), decimals(median, 1), decimals(longest, 1)];
}

function supergraphOf(url: string): string {
  return composeSupergraph([
    { name: 'shelves', url, typeDefs: SHELVES_SCHEMA },
    { name: 'items', url, typeDefs: ITEMS_SCHEMA },
  ]).supergraphSdl;
}

async function openServer(answer: RequestListener, cleanup: Cleanup): Promise<string> {
  const server: Server = createServer((request, response) => {
    request.resume().once('end', () => answer(request, response));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanup.defer(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}
