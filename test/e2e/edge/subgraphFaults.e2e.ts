import { federationLink } from '../../support/federationLink.js';
import { startGatewayTester } from '../../support/gatewayTester.js';
import { held } from '../../support/held.js';
import { recordingLogger } from '../../support/recordingLogger.js';
import type { TestSubgraphDefinition } from '../../support/testSubgraph.js';

const products: TestSubgraphDefinition = {
  name: 'products',
  typeDefs: `${federationLink('@key')}
    type Query { products: [Product!]! }
    type Product @key(fields: "id") { id: ID! name: String! }`,
  resolvers: { Query: { products: () => [{ id: 'p1', name: 'Kettle' }] } },
};
const stock: TestSubgraphDefinition = {
  name: 'stock',
  typeDefs: `${federationLink('@key')}
    type Query { depots: Int }
    type Product @key(fields: "id") { id: ID! count: Int }`,
  resolvers: {
    Query: { depots: () => 3 },
    Product: { __resolveReference: ({ id }: { id: string }) => ({ id, count: 7 }) },
  },
};
type Intercept = NonNullable<TestSubgraphDefinition['intercept']>;

/** A short time only where it has to run out: a busy machine takes longer than that for anything else. */
function graphWith(intercept?: Intercept, stockTimeoutMs = 10_000) {
  return {
    subgraphs: [products, intercept ? { ...stock, intercept } : stock],
    config: {
      // What one attempt comes to.
      subgraphs: {
        all: { maxResponseBytes: 1024, retry: { attempts: 0 } },
        byName: { stock: { timeoutMs: stockTimeoutMs } },
      },
    },
  };
}
const send =
  (status: number, type: string, body: string): Intercept =>
  (_request, response) => {
    response.writeHead(status, { 'content-type': type }).end(body);
  };

const QUERY = '{ products { name count } depots }';
const PARTIAL = { products: [{ name: 'Kettle', count: null }], depots: null };

describe('a subgraph that fails', () => {
  it('is in the log with its address and the reason, which clients are not told, once for many requests', async () => {
    const { logger, lines } = recordingLogger();
    const cut: Intercept = (_request, response) => void response.destroy();
    await using tester = await startGatewayTester({ ...graphWith(cut), logger });
    for (let request = 0; request < 3; request++) await tester.query('{ depots }');
    const said = lines.filter(({ msg }) => msg === 'requests to a subgraph fail');
    expect(said).toEqual([
      expect.objectContaining({
        level: 40,
        subgraph: 'stock',
        url: tester.subgraph('stock').url,
        err: expect.objectContaining({ message: expect.stringContaining('other side closed') }),
      }),
    ]);
  });

  it.each<[string, string, Intercept]>([
    [
      'cuts the connection',
      'SUBGRAPH_UNAVAILABLE',
      (_request, response) => {
        response.destroy();
      },
    ],
    [
      'cuts its answer half-way',
      'SUBGRAPH_UNAVAILABLE',
      (_request, response) => {
        response.writeHead(200, { 'content-length': '100' });
        response.write('{"data":', () => response.destroy());
      },
    ],
    ['never answers', 'SUBGRAPH_TIMEOUT', () => undefined],
    [
      'begins an answer and never ends it',
      'SUBGRAPH_TIMEOUT',
      (_request, response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        response.write('{"data":');
      },
    ],
    ['answers 500 with HTML', 'SUBGRAPH_BAD_RESPONSE', send(500, 'text/html', '<h1>secret internals</h1>')],
    ['answers 200 with HTML', 'SUBGRAPH_BAD_RESPONSE', send(200, 'text/html', '<h1>secret internals</h1>')],
    ['answers nothing', 'SUBGRAPH_BAD_RESPONSE', send(200, 'application/json', '')],
    ['answers other JSON', 'SUBGRAPH_BAD_RESPONSE', send(200, 'application/json', '{"secret":"internals"}')],
    ['answers null', 'SUBGRAPH_BAD_RESPONSE', send(200, 'application/json', 'null')],
    ['answers a list', 'SUBGRAPH_BAD_RESPONSE', send(200, 'application/json', '[{"data":null}]')],
    [
      'answers too much',
      'SUBGRAPH_BAD_RESPONSE',
      send(200, 'application/json', JSON.stringify({ data: { depots: 1 }, x: 'x'.repeat(2000) })),
    ],
  ])('because it %s leaves the rest of the answer whole', async (_what, code, intercept) => {
    const timeoutMs = code === 'SUBGRAPH_TIMEOUT' ? 100 : undefined;
    await using gateway = await startGatewayTester(graphWith(intercept, timeoutMs));
    const { status, data, errors } = await gateway.query(QUERY);
    expect({ status, data }).toEqual({ status: 200, data: PARTIAL });
    expect(errors).toHaveLength(2);
    for (const error of errors ?? []) expect(error).toMatchObject({ extensions: { code, service: 'stock' } });
    expect(JSON.stringify(errors)).not.toMatch(/secret|127\.0\.0\.1/);
  });

  it('because it is down leaves the rest of the answer whole', async () => {
    await using gateway = await startGatewayTester(graphWith());
    expect((await gateway.query(QUERY)).data).toEqual({
      products: [{ name: 'Kettle', count: 7 }],
      depots: 3,
    });
    await gateway.subgraph('stock').close();
    const { status, data, errors } = await gateway.query(QUERY);
    expect({ status, data }).toEqual({ status: 200, data: PARTIAL });
    expect(errors).toMatchObject(
      Array(2).fill({ extensions: { code: 'SUBGRAPH_UNAVAILABLE', service: 'stock' } }),
    );
    expect((await gateway.query('{ products { name } }')).errors).toBeUndefined();
  });

  it('because it is slow sees its request cancelled when the time is over', async () => {
    const cancelled = held();
    await using gateway = await startGatewayTester(
      graphWith((_request, response) => {
        response.once('close', () => cancelled.release());
      }, 100),
    );
    const { errors } = await gateway.query('{ depots }');
    expect(errors).toMatchObject([
      {
        message: 'Subgraph "stock" did not answer within 100 ms.',
        extensions: { code: 'SUBGRAPH_TIMEOUT', service: 'stock' },
      },
    ]);
    await cancelled.promise;
  });

  it('by hanging is left alone, also where a request has less time than an attempt', async () => {
    let hangs = false;
    let asked = 0;
    const graph = graphWith(async (_request, _response, next) => {
      asked += 1;
      if (!hangs) await next();
    });
    const { all } = graph.config.subgraphs;
    const breaker = { failures: 2, openMs: 600_000, maxOpenMs: 600_000 };
    const config = { requestTimeoutMs: 1_000, subgraphs: { all: { ...all, breaker } } };
    await using gateway = await startGatewayTester({ ...graph, config });
    // Planned by now: the time of the others is spent on waiting.
    await gateway.query('{ depots }');
    hangs = true;
    const codes = [];
    for (let count = 0; count < 3; count++) {
      codes.push((await gateway.query('{ depots }')).errors?.[0]?.extensions?.['code']);
    }
    expect(codes).toEqual(['SUBGRAPH_TIMEOUT', 'SUBGRAPH_TIMEOUT', 'SUBGRAPH_UNAVAILABLE']);
    expect(asked).toBe(3);
  });

  it('once is asked again by the next request', async () => {
    let requests = 0;
    await using gateway = await startGatewayTester(
      graphWith(async (_request, response, next) => {
        if (++requests > 1) await next();
        else response.destroy();
      }),
    );
    expect((await gateway.query('{ depots }')).data).toEqual({ depots: null });
    expect((await gateway.query('{ depots }')).data).toEqual({ depots: 3 });
    expect(requests).toBe(2);
  });

  it('with a status above 400 but a GraphQL body is believed', async () => {
    const body = JSON.stringify({
      data: null,
      errors: [{ message: 'not you', path: ['depots'], extensions: { code: 'FORBIDDEN' } }],
    });
    await using gateway = await startGatewayTester(graphWith(send(403, 'application/json', body)));
    const { status, data, errors } = await gateway.query('{ depots }');
    expect({ status, data }).toEqual({ status: 200, data: { depots: null } });
    expect(errors).toMatchObject([
      { message: 'not you', path: ['depots'], extensions: { code: 'FORBIDDEN' } },
    ]);
  });

  it('may have a deadline of its own', async () => {
    const { subgraphs } = graphWith(() => undefined);
    await using gateway = await startGatewayTester({
      subgraphs,
      config: { subgraphs: { byName: { stock: { timeoutMs: 50 } } } },
    });
    const { errors } = await gateway.query('{ depots }');
    expect(errors?.[0]?.message).toBe('Subgraph "stock" did not answer within 50 ms.');
  });
});
