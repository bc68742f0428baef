import { readAsset } from '../../../platform/readAsset.js';
import { composeSupergraph } from '../../../schema/composeSupergraph.js';
import { compileHeadgate, type HeadgateProgram } from '../../support/headgateProgram.js';
import { describeReal, realMongodbUri } from '../../support/realParts.js';
import { pathOf, startTraceCollector, type TraceCollector } from '../../support/traceCollector.js';

const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';
const PARENT_ID = '00f067aa0ba902b7';

let program: HeadgateProgram;
beforeAll(async () => {
  program = await compileHeadgate();
}, 60_000);
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
  }, 60_000);
});
