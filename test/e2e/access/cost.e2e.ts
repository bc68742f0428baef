import type { GatewayConfigInput } from '../../../gateway/config.js';
import { federationLink } from '../../support/federationLink.js';
import { type GatewayTester, startGatewayTester } from '../../support/gatewayTester.js';

const item = (index: number) => ({ id: String(index), tags: ['a', 'b'] });
const shop = {
  name: 'shop',
  typeDefs: `${federationLink('@key', '@cost', '@listSize')}
    type Query {
      items(first: Int = 5): [Item] @listSize(slicingArguments: ["first"])
      top: [Item!] @listSize(assumedSize: 3)
      plain: [Item]
      page(first: Int): Page @listSize(slicingArguments: ["first"], sizedFields: ["nodes"])
      one: Item
    }
    type Mutation { add(input: AddInput!): Item }
    input AddInput { name: String @cost(weight: 4) }
    type Page { nodes: [Item] total: Int }
    type Item @key(fields: "id") {
      id: ID!
      slow: String @cost(weight: 7)
      match(text: String @cost(weight: 2)): Boolean
      related: [Item]
      dear: Dear
    }
    type Dear @cost(weight: 20) { id: ID }`,
  resolvers: {
    Query: {
      items: (_: unknown, { first }: { first: number }) =>
        Array.from({ length: Math.min(first, 2) }, (_none, i) => item(i)),
      top: () => [item(1)],
      plain: () => [item(1)],
      page: () => ({ nodes: [item(1)], total: 1 }),
      one: () => item(1),
    },
    Mutation: { add: () => item(1) },
    Item: { slow: () => 'slow', match: () => true, related: () => [], dear: () => ({ id: 'd' }) },
  },
};
const stock = {
  name: 'stock',
  typeDefs: `${federationLink('@key', '@cost')}
    type Query { stockVersion: Int }
    type Item @key(fields: "id") { id: ID! left: Int @cost(weight: 5) }`,
  resolvers: { Item: { __resolveReference: ({ id }: { id: string }) => ({ id }), left: () => 1 } },
};

const start = (config: GatewayConfigInput) => startGatewayTester({ subgraphs: [shop, stock], config });

describe('the cost of an operation', () => {
  let thrifty: GatewayTester;
  beforeAll(async () => {
    thrifty = await start({ cost: { max: 1 } });
  });
  afterAll(() => thrifty[Symbol.asyncDispose]());

  it.each<[string, number, Record<string, unknown>?]>([
    ['{ one { id } }', 1],
    ['{ one { id slow } }', 8],
    ['{ one { dear { id } } }', 21],
    ['{ one { match(text: "a") } }', 3],
    ['{ one { match } }', 1],
    ['{ items { id } }', 5],
    ['{ items(first: 50) { id } }', 50],
    ['query($n: Int) { items(first: $n) { id } }', 40, { n: 40 }],
    ['query($n: Int = 30) { items(first: $n) { id } }', 30],
    ['{ items(first: 4) { related { id } } }', 44],
    ['{ top { slow } }', 24],
    ['{ plain { id } }', 10],
    ['{ page(first: 6) { nodes { id } total } }', 7],
    ['query($n: Int) { page(first: $n) { nodes { id } } }', 9, { n: 8 }],
    ['mutation { add(input: { name: "a" }) { id } }', 15],
    ['{ one { ...F ... on Item { slow } } } fragment F on Item { slow }', 8],
    ['{ a: one { id } b: one { id } }', 2],
    ['query($x: Boolean!) { one { slow @include(if: $x) } }', 1, { x: false }],
    ['query($x: Boolean!) { one { slow @include(if: $x) } }', 8, { x: true }],
    ['{ items(first: 0) { slow } }', 0],
    // Whatever the subgraph makes of it, it is no promise of an empty list.
    ['{ items(first: -1) { id slow } }', 80],
    ['query($n: Int) { page(first: $n) { nodes { id } } }', 11, { n: -1 }],
  ])('is by the specification: %s costs %d', async (query, cost, ...[variables]) => {
    const { status, errors } = await thrifty.query(query, variables);
    if (cost <= 1) {
      expect(errors).toBeUndefined();
      return;
    }
    const extensions = { code: 'COST_LIMIT_EXCEEDED', cost, maximum: 1 };
    expect([status, errors?.[0]?.extensions]).toEqual([400, extensions]);
  });

  it('may be as high as the limit, and what costs more reaches no subgraph', async () => {
    await using gateway = await start({ cost: { max: 8 } });
    expect((await gateway.query('{ items(first: 9) { id } }')).errors).toHaveLength(1);
    expect(gateway.subgraph('shop').received).toHaveLength(0);
    expect((await gateway.query('{ items(first: 8) { id } }')).errors).toBeUndefined();
  });

  it('is bounded for one subgraph alone as well, which is named', async () => {
    await using gateway = await start({ cost: { subgraphs: [{ name: 'stock', max: 99 }] } });
    const ask = (first: number) => gateway.query(`{ items(first: ${first}) { id left } }`);
    expect((await ask(19)).errors).toBeUndefined();
    expect((await ask(20)).errors?.[0]?.extensions).toEqual({
      code: 'COST_LIMIT_EXCEEDED',
      cost: 100,
      maximum: 99,
      service: 'stock',
    });
  });

  it('is measured afterwards by the lists that came, for each subgraph too, and told to who may look', async () => {
    await using gateway = await start({ explorer: { trace: true } });
    const { data, extensions } = await gateway.query('{ items(first: 9) { id left slow } }', undefined, {
      'headgate-trace': '1',
    });
    expect(data).toEqual({ items: [expect.anything(), expect.anything()] });
    const cost = {
      estimated: 117,
      actual: 26,
      subgraphs: [
        { name: 'shop', estimated: 72, actual: 16 },
        { name: 'stock', estimated: 45, actual: 10 },
      ],
    };
    expect(extensions?.['trace']).toMatchObject({ cost });
    const sums = async (metric: string) =>
      (await gateway.samples(metric))
        .filter(({ name }) => name.endsWith('_sum'))
        .map(({ labels, value }) => [...Object.values(labels), value]);
    expect(await sums('headgate_operation_cost')).toEqual([
      ['estimated', 117],
      ['actual', 26],
    ]);
    expect(await sums('headgate_subgraph_cost')).toEqual([
      ['shop', 'estimated', 72],
      ['stock', 'estimated', 45],
      ['shop', 'actual', 16],
      ['stock', 'actual', 10],
    ]);
  });

  it('cannot be hidden behind numbers that are none any more', async () => {
    await using gateway = await start({});
    const query = '{ items(first: 1e400) { related { related { id } } } }';
    expect((await gateway.query(query)).status).toBe(400);
    const nested = await gateway.query(
      '{ items(first: 2147483647) { related { related { id match(text: "") } } } }',
    );
    expect(nested.errors?.[0]?.extensions?.['code']).toBe('COST_LIMIT_EXCEEDED');
  });

  it('only counts where it only warns', async () => {
    await using gateway = await start({ cost: { mode: 'warn', max: 1 } });
    expect((await gateway.query('{ items { id } }')).errors).toBeUndefined();
  });
});
