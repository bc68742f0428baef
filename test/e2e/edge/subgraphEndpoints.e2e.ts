import { federationLink } from '../../support/federationLink.js';
import { type GatewayTesterOptions, startGatewayTester } from '../../support/gatewayTester.js';
import { held } from '../../support/held.js';
import { startTestSubgraph, type TestSubgraphDefinition } from '../../support/testSubgraph.js';

let writes = 0;
const notes: TestSubgraphDefinition = {
  name: 'notes',
  typeDefs: `${federationLink()} type Query { text: String } type Mutation { write: Int }`,
  resolvers: { Query: { text: () => 'hello' }, Mutation: { write: () => ++writes } },
};

const LONG_AGO = 60_000;

/** One subgraph at two addresses, of which the first can be made to fail. */
async function startTwoAddresses(
  options: { readonly intercept?: TestSubgraphDefinition['intercept']; readonly config?: object } = {},
) {
  const first = await startTestSubgraph({
    ...notes,
    ...(options.intercept && { intercept: options.intercept }),
  });
  const second = await startTestSubgraph(notes);
  const gateway = await startGatewayTester({
    subgraphs: [notes],
    config: {
      subgraphs: {
        all: { breaker: { failures: 2, openMs: LONG_AGO }, ...options.config },
        byName: { notes: { urls: [first.url, second.url] } },
      },
    } as NonNullable<GatewayTesterOptions['config']>,
  });
  return {
    first,
    second,
    query: gateway.query,
    async [Symbol.asyncDispose]() {
      await gateway[Symbol.asyncDispose]();
      await Promise.all([first.close(), second.close()]);
    },
  };
}

describe('a subgraph at two addresses', () => {
  it('answers every query while one of them is gone, which is then left alone', async () => {
    await using graph = await startTwoAddresses({
      intercept: (_request, response) => void response.destroy(),
    });
    for (let count = 0; count < 6; count++) {
      expect((await graph.query(`query Q${count} { text }`)).data).toEqual({ text: 'hello' });
    }
    expect(graph.second.received).toHaveLength(6);
  });

  it('is sent a mutation once, whatever becomes of it', async () => {
    let arrived = 0;
    await using graph = await startTwoAddresses({
      intercept: (_request, response) => {
        arrived += 1;
        response.destroy();
      },
    });
    const answers = [];
    for (let count = 0; count < 2; count++) answers.push(await graph.query(`mutation M${count} { write }`));
    const failed = answers.filter(
      ({ errors }) => errors?.[0]?.extensions?.['code'] === 'SUBGRAPH_UNAVAILABLE',
    );
    expect(failed).toHaveLength(arrived);
    expect(arrived + graph.second.received.length).toBe(2);
  });

  it('is asked at the other one when the first takes long', async () => {
    const hold = held();
    await using graph = await startTwoAddresses({
      intercept: (_request, _response, next) => hold.promise.then(next),
      config: { hedgeAfterMs: 20 },
    });
    // Whichever it begins with, one of two that run at once begins at the first address.
    const answers = await Promise.all([graph.query('query A { text }'), graph.query('query B { text }')]);
    hold.release();
    expect(answers.map(({ data }) => data)).toEqual([{ text: 'hello' }, { text: 'hello' }]);
  });
});

describe('a subgraph that is told', () => {
  it('how long the gateway will wait', async () => {
    await using graph = await startGatewayTester({
      subgraphs: [notes],
      config: { requestTimeoutMs: 5_000, subgraphs: { all: { timeoutMs: 10_000 } } },
    });
    await graph.query('{ text }');
    const told = Number(graph.subgraph('notes').received[0]?.headers['headgate-timeout-ms']);
    expect(told).toBeGreaterThan(0);
    expect(told).toBeLessThanOrEqual(5_000);
  });
});

describe('a request that has no time left', () => {
  it('is answered with what there is, and asks nobody any more', async () => {
    const hold = held();
    await using graph = await startGatewayTester({
      subgraphs: [{ ...notes, intercept: (_request, _response, next) => hold.promise.then(next) }],
      config: { requestTimeoutMs: 1_000 },
    });
    const { data, errors } = await graph.query('{ text }');
    hold.release();
    expect(data).toEqual({ text: null });
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'SUBGRAPH_TIMEOUT', service: 'notes' });
  });
});

describe('a gateway with too much to do', () => {
  it('refuses what it cannot do in time, says when to come back, and goes on with the rest', async () => {
    const [arrived, hold] = [held(), held()];
    const intercept: TestSubgraphDefinition['intercept'] = async (_request, _response, next) => {
      arrived.release();
      await hold.promise;
      return next();
    };
    await using graph = await startGatewayTester({
      subgraphs: [{ ...notes, intercept }],
      config: { overload: { maxConcurrent: 1, minConcurrent: 1, retryAfterSeconds: 7 } },
    });
    const running = graph.query('query A { text }');
    await arrived.promise;
    const refused = await graph.query('query B { text }');
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '7']);
    expect(refused.errors?.[0]?.extensions).toMatchObject({ code: 'OVERLOADED' });
    hold.release();
    expect((await running).data).toEqual({ text: 'hello' });
    expect((await graph.query('query C { text }')).data).toEqual({ text: 'hello' });
  });
});
