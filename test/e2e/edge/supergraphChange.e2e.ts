import { composeSupergraph } from '../../../schema/composeSupergraph.js';
import { federationLink } from '../../support/federationLink.js';
import { startGatewayTester } from '../../support/gatewayTester.js';
import { held } from '../../support/held.js';
import { recordingLogger } from '../../support/recordingLogger.js';
import { startTestSubgraph, type TestSubgraphDefinition } from '../../support/testSubgraph.js';

const PRODUCT = 'type Query { product: Product } type Product @key(fields: "id")';
const oldTypes = `${federationLink('@key')} ${PRODUCT} { id: ID! name: String }`;
const newTypes = `${federationLink('@key')} ${PRODUCT} { id: ID! colour: String }`;
const products: TestSubgraphDefinition = {
  name: 'products',
  typeDefs: `${federationLink('@key')} ${PRODUCT} { id: ID! name: String colour: String }`,
  resolvers: { Query: { product: () => ({ id: '1', name: 'Kettle', colour: 'red' }) } },
};
const stock: TestSubgraphDefinition = {
  name: 'stock',
  typeDefs: `${federationLink('@key')} type Product @key(fields: "id") { id: ID! count: Int }`,
  resolvers: { Product: { __resolveReference: ({ id }: { id: string }) => ({ id, count: 7 }) } },
};

/** A gateway on the old supergraph, before subgraphs that know both. */
async function startOnOld(options: {
  readonly intercept?: NonNullable<TestSubgraphDefinition['intercept']>;
  readonly logger?: ReturnType<typeof recordingLogger>['logger'];
}) {
  const { intercept, logger } = options;
  const gateway = await startGatewayTester({
    subgraphs: [intercept ? { ...products, intercept } : products, stock],
    ...(logger && { logger }),
  });
  const url = (name: string) => gateway.subgraph(name).url;
  await gateway.source.publish(
    composeSupergraph([
      { name: 'products', url: url('products'), typeDefs: oldTypes },
      { name: 'stock', url: url('stock'), typeDefs: stock.typeDefs },
    ]).supergraphSdl,
  );
  return gateway;
}

describe('a new supergraph', () => {
  it('is seen by new requests, while those under way finish on the old one, with all its subgraphs', async () => {
    const arrived = held();
    const hold = held();
    let requests = 0;
    await using gateway = await startOnOld({
      async intercept(_request, _response, next) {
        if (++requests === 1) {
          arrived.release();
          await hold.promise;
        }
        await next();
      },
    });
    const underWay = gateway.query('{ product { name count } }');
    await arrived.promise;
    await gateway.source.publish(
      composeSupergraph([{ name: 'products', url: gateway.subgraph('products').url, typeDefs: newTypes }])
        .supergraphSdl,
    );
    expect((await gateway.query('{ product { colour } }')).data).toEqual({ product: { colour: 'red' } });
    const gone = await gateway.query('{ product { name } }');
    expect(gone).toMatchObject({
      status: 400,
      errors: [{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }],
    });
    hold.release();
    const { data, errors } = await underWay;
    expect({ data, errors }).toEqual({ data: { product: { name: 'Kettle', count: 7 } }, errors: undefined });
  });

  it('may move a subgraph: new requests go to the new address, old ones finish at the old', async () => {
    const arrived = held();
    const hold = held();
    await using gateway = await startOnOld({
      async intercept(_request, _response, next) {
        arrived.release();
        await hold.promise;
        await next();
      },
    });
    const moved = await startTestSubgraph(products);
    try {
      const underWay = gateway.query('{ product { name count } }');
      await arrived.promise;
      await gateway.source.publish(
        composeSupergraph([
          { name: 'products', url: moved.url, typeDefs: oldTypes },
          { name: 'stock', url: gateway.subgraph('stock').url, typeDefs: stock.typeDefs },
        ]).supergraphSdl,
      );
      // Another operation: an equal one may share what is under way.
      expect((await gateway.query('{ product { id } }')).data).toEqual({ product: { id: '1' } });
      expect(moved.received).toHaveLength(1);
      hold.release();
      expect((await underWay).data).toEqual({ product: { name: 'Kettle', count: 7 } });
      expect(gateway.subgraph('products').received).toHaveLength(1);
      expect(moved.received).toHaveLength(1);
    } finally {
      await moved.close();
    }
  });

  it('is a new id in the health detail, and its subgraphs are listed before they are asked', async () => {
    await using gateway = await startOnOld({});
    const ready = async () =>
      (await (await fetch(new URL('/health/ready', gateway.url))).json()) as Record<string, unknown>;
    await gateway.query('{ product { name } }');
    const before = await ready();
    await gateway.source.publish(
      composeSupergraph([{ name: 'products', url: gateway.subgraph('products').url, typeDefs: newTypes }])
        .supergraphSdl,
    );
    const after = await ready();
    expect(after['supergraph']).not.toBe(before['supergraph']);
    expect([before['subgraphs'], after['subgraphs']]).toEqual([
      { products: 'up', stock: 'unknown' },
      { products: 'up' },
    ]);
  });

  it.each([
    ['no GraphQL', 'type Query {', /Syntax Error/],
    ['no supergraph', 'type Query { a: Int }', /core|link|supergraph/i],
    ['empty', '', /./],
  ])('that is %s changes nothing, and the log says why', async (_what, sdl, reason) => {
    const { logger, lines } = recordingLogger();
    await using gateway = await startOnOld({ logger });
    const ready = async () => (await fetch(new URL('/health/ready', gateway.url))).json();
    const before = await ready();
    await gateway.source.publish(sdl);
    expect((await gateway.query('{ product { name count } }')).data).toEqual({
      product: { name: 'Kettle', count: 7 },
    });
    expect(await ready()).toMatchObject({ ...(before as object), subgraphs: expect.anything() });
    expect(lines.filter(({ level }) => level === 50)).toMatchObject([
      {
        msg: 'the new supergraph cannot be used; the old one stays',
        err: { message: expect.stringMatching(reason) },
      },
    ]);
  });
});

describe('a supergraph with a subgraph that has no address', () => {
  const addressless = (gateway: { supergraphSdl: string }) =>
    gateway.supergraphSdl.replace(/(@join__graph\(name: "stock", url: )"[^"]*"/, '$1""');
  const reason = /subgraph "stock": expected an http\(s\) URL, got ""/;

  it('is refused at start, with its name', async () => {
    await using gateway = await startOnOld({});
    const refused = startGatewayTester({ subgraphs: [products], supergraphSdl: addressless(gateway) });
    await expect(refused).rejects.toThrow(reason);
  });

  it('changes nothing later, and the log says why', async () => {
    const { logger, lines } = recordingLogger();
    await using gateway = await startOnOld({ logger });
    const ready = async () =>
      (await (await fetch(new URL('/health/ready', gateway.url))).json()) as { supergraph: string };
    await gateway.query('{ product { name count } }');
    const before = await ready();
    await gateway.source.publish(addressless(gateway));
    expect(await ready()).toEqual(before);
    expect((await gateway.query('{ product { id count } }')).data).toEqual({
      product: { id: '1', count: 7 },
    });
    expect(lines.filter(({ level }) => level === 50)).toMatchObject([
      { supergraph: before.supergraph, err: { message: expect.stringMatching(reason) } },
    ]);
  });
});

describe('a supergraph that asks for what this gateway does not enforce', () => {
  const guarded: TestSubgraphDefinition = {
    ...products,
    typeDefs: `${federationLink('@key', '@authenticated')} ${PRODUCT} { id: ID! name: String @authenticated }`,
  };

  /** As if a later version of the directive meant something that nobody here knows. */
  const later = (url: string) =>
    composeSupergraph([{ ...guarded, url }]).supergraphSdl.replace(
      'authenticated/v0.1',
      'authenticated/v0.9',
    );

  it('is refused at start, with the reason', async () => {
    const supergraphSdl = later('{products}');
    await expect(startGatewayTester({ subgraphs: [guarded], supergraphSdl })).rejects.toThrow(
      /^memory is not a supergraph that can be served: .*authenticated/s,
    );
  });

  it('is never swapped in later: fields stay as closed as they were', async () => {
    const { logger, lines } = recordingLogger();
    await using gateway = await startOnOld({ logger });
    await gateway.source.publish(later(gateway.subgraph('products').url));
    expect((await gateway.query('{ product { count } }')).data).toEqual({ product: { count: 7 } });
    expect(JSON.stringify(lines.filter(({ level }) => level === 50))).toContain('authenticated');
  });
});
