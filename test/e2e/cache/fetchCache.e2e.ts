import { federationLink } from '../../support/federationLink.js';
import { type GatewayTester, startGatewayTester } from '../../support/gatewayTester.js';
import type { TestSubgraphDefinition } from '../../support/testSubgraph.js';

const prices = new Map<string, number>();
const resetPrices = () => {
  for (const [id, price] of [
    ['p1', 10],
    ['p2', 20],
    ['p3', 30],
  ] as const)
    prices.set(id, price);
};
const product = (id: string) => (prices.has(id) ? { id, price: prices.get(id) } : null);

/** Sends this `Cache-Control` with every answer. */
function cached(cacheControl: string): NonNullable<TestSubgraphDefinition['intercept']> {
  return async (_request, response, next) => {
    response.setHeader('cache-control', cacheControl);
    await next();
  };
}

const subgraphs: readonly TestSubgraphDefinition[] = [
  {
    name: 'products',
    typeDefs: `${federationLink('@key')}
      type Query { product(id: ID!): Product products(ids: [ID!]!): [Product] }
      type Mutation { setPrice(id: ID!, price: Int!): Product }
      type Product @key(fields: "id") { id: ID! price: Int }`,
    resolvers: {
      Query: {
        product: (_: unknown, { id }: { id: string }) => product(id),
        products: (_: unknown, { ids }: { ids: string[] }) => ids.map(product),
      },
      Mutation: {
        setPrice: (_: unknown, { id, price }: { id: string; price: number }) => {
          prices.set(id, price);
          return product(id);
        },
      },
      Product: { __resolveReference: ({ id }: { id: string }) => product(id) },
    },
    intercept: cached('max-age=60'),
  },
  {
    name: 'ratings',
    typeDefs: `${federationLink('@key')}
      type Query { best: Product }
      type Product @key(fields: "id") { id: ID! stars: Int }`,
    resolvers: {
      Query: { best: () => ({ id: 'p1' }) },
      Product: { __resolveReference: ({ id }: { id: string }) => ({ id, stars: Number(id.slice(1)) }) },
    },
    intercept: cached('max-age=60'),
  },
  {
    name: 'visits',
    typeDefs: `${federationLink('@key')}
      type Query { lastVisit: String }
      type Product @key(fields: "id") { id: ID! seen: Boolean }`,
    resolvers: {
      Query: { lastVisit: () => 'today' },
      Product: { __resolveReference: ({ id }: { id: string }) => ({ id, seen: id === 'p1' }) },
    },
    intercept: cached('no-store'),
  },
];

const asked = (tester: GatewayTester, name: string) =>
  tester.subgraph(name).received.map(({ variables }) => variables?.['representations'] ?? 'root');
const references = (...ids: readonly string[]) => ids.map((id) => ({ __typename: 'Product', id }));

describe('fetches behind a whole gateway', () => {
  beforeEach(resetPrices);
  const start = () =>
    startGatewayTester({ subgraphs, config: { subgraphs: { all: { forwardIdentity: false } } } });

  it('of different pages share what they have in common: a list asks only for the entities that are new', async () => {
    await using tester = await start();
    const page = await tester.query('{products(ids:["p1","p2"]){price stars}}');
    expect(page.data).toEqual({
      products: [
        { price: 10, stars: 1 },
        { price: 20, stars: 2 },
      ],
    });
    const other = await tester.query('query Other{products(ids:["p3","p2","p1"]){stars} best{price}}');
    expect(other.data).toEqual({ products: [{ stars: 3 }, { stars: 2 }, { stars: 1 }], best: { price: 10 } });
    expect(asked(tester, 'ratings').filter((one) => one !== 'root')).toEqual([
      references('p1', 'p2'),
      references('p3'),
    ]);
  });

  it('take what is public from the cache for a page with a field that must not be kept', async () => {
    await using tester = await start();
    for (let time = 1; time <= 2; time++) {
      const { data } = await tester.query('{product(id:"p1"){price stars seen} lastVisit}');
      expect(data).toEqual({ product: { price: 10, stars: 1, seen: true }, lastVisit: 'today' });
    }
    expect(asked(tester, 'products')).toEqual(['root']);
    expect(asked(tester, 'ratings')).toEqual([references('p1')]);
    expect(asked(tester, 'visits').filter((one) => one === 'root')).toHaveLength(2);
  });

  it('are loaded anew after a mutation, though the subgraph does not say what it changed', async () => {
    await using tester = await start();
    const read = async (operation: string) =>
      (await tester.query(`query ${operation}{product(id:"p1"){price} lastVisit}`)).data;
    expect(await read('Before')).toMatchObject({ product: { price: 10 } });
    prices.set('p1', 11);
    expect(await read('Cached')).toMatchObject({ product: { price: 10 } });
    await tester.query('mutation{setPrice(id:"p1",price:12){id}}');
    expect(await read('After')).toMatchObject({ product: { price: 12 } });
  });

  it('of many clients at once are one', async () => {
    await using tester = await start();
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        tester.query(`query Q${index}{product(id:"p2"){price stars}}`),
      ),
    );
    for (const { data } of answers) expect(data).toEqual({ product: { price: 20, stars: 2 } });
    expect(asked(tester, 'products')).toEqual(['root']);
    expect(asked(tester, 'ratings')).toEqual([references('p2')]);
  });
});
