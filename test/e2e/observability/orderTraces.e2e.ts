import { subgraphTypeDefs } from '../../../cli/sampleSubgraphs.js';
import { SUBGRAPH_NAMES, type SubgraphName } from '../../../cli/subgraphNames.js';
import { composeSupergraph } from '../../../schema/composeSupergraph.js';
import {
  compileHeadgate,
  type HeadgateProcess,
  type HeadgateProgram,
} from '../../support/headgateProgram.js';
import { describeReal, realMongodbUri } from '../../support/realParts.js';
import { startRedis } from '../../support/redis.js';
import { pathOf, startTraceCollector } from '../../support/traceCollector.js';

const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';
const PARENT_ID = '00f067aa0ba902b7';
const PLACE = 'mutation Place($input: PlaceOrderInput!) { placeOrder(input: $input) { id status } }';

describeReal(['mongodb', 'redis'], 'the trace of an order', () => {
  let headgate: HeadgateProgram;
  const processes: HeadgateProcess[] = [];
  beforeAll(async () => {
    headgate = await compileHeadgate();
  }, 60_000);
  afterEach(async () => {
    await Promise.all(processes.splice(0).map((one) => one[Symbol.asyncDispose]()));
  });
  afterAll(() => headgate?.[Symbol.asyncDispose]());

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
      const started = await headgate.start(args, { env, files });
      processes.push(started);
      const [, url = ''] = await started.says(/"url":"([^"]+)"/);
      return { url, started };
    }
    const urls = new Map<SubgraphName, string>();
    for (const name of SUBGRAPH_NAMES) {
      const settings = `subgraphs: { products: { url: "${urls.get('products') ?? 'http://127.0.0.1:9'}" } }`;
      const args = ['subgraph', name, '--port', '0', '--sample-data'];
      urls.set(name, (await start(args, { 'headgate.yaml': settings })).url);
    }
    const subgraphs = SUBGRAPH_NAMES.map((name) => ({
      name,
      url: urls.get(name) ?? '',
      typeDefs: subgraphTypeDefs(name),
    }));
    const settings = {
      gateway:
        'gateway: { supergraph: supergraph.graphql, port: 0, admin: { enabled: false }, identity: { trustedHeader: x-user } }',
      worker: `subgraphs: { inventory: { url: "${urls.get('inventory')}" } }\norders: { worker: { port: 0 } }`,
    };
    const [{ url }, { started: worker }] = await Promise.all([
      start(['gateway'], {
        'headgate.yaml': settings.gateway,
        'supergraph.graphql': composeSupergraph(subgraphs).supergraphSdl,
      }),
      start(['worker'], { 'headgate.yaml': settings.worker }),
    ]);

    const input = { items: [{ productId: 'books-0003', quantity: 1 }], idempotencyKey: 'a-secret-key' };
    const answer = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-user': 'ada-secret',
        traceparent: `00-${TRACE_ID}-${PARENT_ID}-01`,
      },
      body: JSON.stringify({ query: PLACE, variables: { input } }),
    });
    expect(await answer.json()).toMatchObject({ data: { placeOrder: { status: 'PLACED' } } });
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
        `${placed} > orders: fetch products > products: POST /graphql > products: batch products > products: mongodb find`,
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
    const works = spans.filter(({ name }) => name === 'work on an order');
    expect(works.map(({ attributes }) => attributes['headgate.job.attempt'])).toEqual([1]);
    expect(JSON.stringify(spans)).not.toContain('secret');
  }, 90_000);
});
