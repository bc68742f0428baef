import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { subgraphTypeDefs } from '../../../cli/sampleSubgraphs.js';
import { SUBGRAPH_NAMES } from '../../../cli/subgraphNames.js';
import { readAsset } from '../../../platform/readAsset.js';
import { composeSupergraph } from '../../../schema/composeSupergraph.js';
import {
  compileHeadgate,
  type HeadgateProcess,
  type HeadgateProgram,
} from '../../support/headgateProgram.js';
import { describeReal, realMongodbUri } from '../../support/realParts.js';
import { startRedis } from '../../support/redis.js';
import { pathOf, startTraceCollector, type TraceCollector } from '../../support/traceCollector.js';

const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';
const PARENT_ID = '00f067aa0ba902b7';
const PLACE = 'mutation Place($input: PlaceOrderInput!) { placeOrder(input: $input) { id status } }';

let program: HeadgateProgram;
beforeAll(async () => {
  program = await compileHeadgate();
});
afterAll(() => program?.[Symbol.asyncDispose]());

/** A gateway and the products subgraph as processes of their own, as they run in production. */
async function startTraced(collector: TraceCollector, observability = '{}') {
  const env = {
    HEADGATE_FEED_TOKEN: 'a-feed-token-of-a-test',
    HEADGATE_IDENTITY_SECRET: 'an-identity-secret-of-a-test',
    HEADGATE_TRACES_URL: collector.url,
    HEADGATE_TRACES_RATIO: '0',
    MONGODB_URI: realMongodbUri(),
  };
  const subgraph = await program.start(['subgraph', 'products', '--port', '0'], { env });
  const [, url = ''] = await subgraph.says(/"url":"([^"]+)"/);
  const typeDefs = readAsset('subgraphs/products/typeDefs.graphql');
  const { supergraphSdl } = composeSupergraph([{ name: 'products', url, typeDefs }]);
  const files = {
    'supergraph.graphql': supergraphSdl,
    'headgate.yaml': `gateway: { supergraph: supergraph.graphql, port: 0, observability: ${observability} }`,
  };
  const gateway = await program.start(['gateway'], { env, files });
  const [, gatewayUrl = ''] = await gateway.says(/"url":"([^"]+)"/);
  return {
    log: () => gateway.stdout,
    ask: (query: string, traceparent?: string, variables?: object) =>
      fetch(gatewayUrl, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...(traceparent && { traceparent }) },
        body: JSON.stringify({ query, variables }),
      }),
    /** Sends what was not sent yet. */
    async stop() {
      for (const one of [gateway, subgraph]) {
        one.signal('SIGTERM');
        expect(await one.exited).toEqual({ code: 0, signal: null });
      }
    },
    async [Symbol.asyncDispose]() {
      await gateway[Symbol.asyncDispose]();
      await subgraph[Symbol.asyncDispose]();
    },
  };
}

describeReal('mongodb', 'a trace', () => {
  it('goes from the request through plan, fetch and batch to the command, on from the caller’s, if it is sampled', async () => {
    await using collector = await startTraceCollector();
    await using system = await startTraced(collector, '{ slowOperationMs: 1 }');
    // Not sampled: by the caller's choice, and by our share of those that begin here, which is 0.
    await system.ask('{ categories { id } }', `00-${'a'.repeat(32)}-${PARENT_ID}-00`);
    await system.ask('{ categories { name } }');
    const query = 'query One($id: ID!) { product(id: $id) { name } }';
    await system.ask(query, `00-${TRACE_ID}-${PARENT_ID}-01`, { id: 'books-secret' });
    await system.stop();

    const { spans } = collector;
    expect(new Set(spans.map(({ traceId }) => traceId))).toEqual(new Set([TRACE_ID]));
    const request = 'gateway: POST /graphql';
    const fetched = `${request} > gateway: fetch products > products: POST /graphql`;
    expect(spans.map((span) => pathOf(span, spans).join(' > '))).toEqual(
      expect.arrayContaining([
        request,
        `${request} > gateway: plan`,
        `${request} > gateway: fetch products`,
        fetched,
        `${fetched} > products: batch products`,
        `${fetched} > products: batch products > products: mongodb find`,
      ]),
    );
    const outermost = spans.filter(({ parentSpanId }) => parentSpanId === PARENT_ID);
    expect(outermost.map(({ service }) => service)).toEqual(['gateway']);
    const command = spans.find(({ name }) => name === 'mongodb find');
    expect(command?.attributes).toMatchObject({
      'db.collection.name': 'products',
      'db.operation.name': 'find',
    });

    // The log of slow operations names the trace, and the operation by its hash alone.
    const lines = system
      .log()
      .split('\n')
      .filter((line) => line.includes('"operation":"One"'));
    const [line] = lines.map((text) => JSON.parse(text) as Record<string, unknown>);
    expect(line).toMatchObject({ msg: 'a slow operation', traceId: TRACE_ID, kind: 'query' });
    expect(line?.['operationHash']).toMatch(/^[0-9a-f]{64}$/);
    expect(JSON.stringify(spans) + system.log()).not.toContain('secret');
  });
});

/** A products subgraph that knows prices, and nothing else. */
async function startPrices() {
  const traceparents: unknown[] = [];
  const server = createServer((request, response) => {
    traceparents.push(request.headers['traceparent']);
    const entities = [{ price: { amountMinor: 1999, currency: 'EUR' } }];
    request.resume().on('end', () => response.end(JSON.stringify({ data: { _entities: entities } })));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`,
    traceparents,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function post(url: string, query: string, variables = {}, headers = {}): Promise<unknown> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query, variables }),
  });
  return answer.json();
}

describeReal(['mongodb', 'redis'], 'the trace of an order', () => {
  const processes: HeadgateProcess[] = [];
  afterEach(async () => {
    await Promise.all(processes.splice(0).map((one) => one[Symbol.asyncDispose]()));
  });

  it('goes on from the request through the queue to each step of the worker, and to inventory', async () => {
    await using collector = await startTraceCollector();
    await using redis = await startRedis();
    const env = {
      HEADGATE_FEED_TOKEN: 'a-feed-token-of-a-test',
      HEADGATE_IDENTITY_SECRET: 'an-identity-secret-of-a-test',
      HEADGATE_WORKER_TOKEN: 'a-worker-token-of-a-test',
      HEADGATE_TRACES_URL: collector.url,
      HEADGATE_TRACES_RATIO: '0',
      MONGODB_URI: realMongodbUri(),
      QUEUE_REDIS_URL: redis.url,
    };
    async function start(args: readonly string[], files: Record<string, string>) {
      const started = await program.start(args, { env, files });
      processes.push(started);
      const [, url = ''] = await started.says(/"url":"([^"]+)"/);
      return { url, started };
    }
    await using products = await startPrices();
    const settings = `subgraphs: { products: { url: "${products.url}" } }`;
    const subgraph = (name: string) =>
      start(['subgraph', name, '--port', '0'], { 'headgate.yaml': settings });
    // One after the other: a machine that is busy starts four at once later than it starts the last of four.
    const urls = {
      products: products.url,
      inventory: (await subgraph('inventory')).url,
      orders: (await subgraph('orders')).url,
    };
    const { supergraphSdl } = composeSupergraph(
      SUBGRAPH_NAMES.map((name) => ({ name, url: urls[name], typeDefs: subgraphTypeDefs(name) })),
    );
    const gateway = `gateway: { supergraph: supergraph.graphql, port: 0, identity: { trustedHeader: x-user } }`;
    const { url } = await start(['gateway'], {
      'headgate.yaml': gateway,
      'supergraph.graphql': supergraphSdl,
    });
    const { started: worker } = await start(['worker'], {
      'headgate.yaml': `subgraphs: { inventory: { url: "${urls.inventory}" } }\norders: { worker: { port: 0 } }`,
    });
    await post(urls.inventory, 'mutation { restock(productId: "books-0003", quantity: 1) { onHand } }');

    const input = { items: [{ productId: 'books-0003', quantity: 1 }], idempotencyKey: 'a-secret-key' };
    const headers = { 'x-user': 'ada-secret', traceparent: `00-${TRACE_ID}-${PARENT_ID}-01` };
    expect(await post(url, PLACE, { input }, headers)).toMatchObject({
      data: { placeOrder: { status: 'PLACED' } },
    });
    await worker.says(/mail was written to a file/);
    // What was not sent yet is sent, and what is under way is finished.
    for (const one of [...processes].reverse()) {
      one.signal('SIGTERM');
      expect(await one.exited).toEqual({ code: 0, signal: null });
    }

    const { spans } = collector;
    expect(new Set(spans.map(({ traceId }) => traceId))).toEqual(new Set([TRACE_ID]));
    const placed = 'gateway: POST /graphql > gateway: fetch orders > orders: POST /graphql';
    const job = `${placed} > worker: work on an order`;
    const asked = (action: string) => `worker: inventory ${action} > inventory: POST /internal/reservations`;
    expect([...new Set(spans.map((span) => pathOf(span, spans).join(' > ')))]).toEqual(
      expect.arrayContaining([
        `${placed} > orders: fetch products`,
        `${placed} > orders: mongodb insert`,
        job,
        `${job} > worker: mongodb find`,
        `${job} > worker: reserve stock > ${asked('reserve')} > inventory: mongodb update`,
        `${job} > worker: reserve stock > worker: mongodb findAndModify`,
        `${job} > worker: charge payment > worker: mongodb insert`,
        `${job} > worker: confirm order > ${asked('commit')} > inventory: mongodb update`,
        `${job} > worker: send confirmation > worker: mongodb findAndModify`,
      ]),
    );
    const asking = spans.find(({ name, service }) => service === 'orders' && name === 'fetch products');
    expect(products.traceparents).toEqual([`00-${TRACE_ID}-${asking?.spanId}-01`]);
    const works = spans.filter(({ name }) => name === 'work on an order');
    expect(works.map(({ attributes }) => attributes['headgate.job.attempt'])).toEqual([1]);
    expect(JSON.stringify(spans)).not.toContain('secret');
  });
});
