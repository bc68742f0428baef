import { federationLink } from '../../support/federationLink.js';
import { startGatewayTester } from '../../support/gatewayTester.js';

const echo = (_: unknown, args: object) => JSON.stringify(args);
const products = {
  name: 'products',
  typeDefs: `${federationLink('@key')}
    enum Sort { CHEAPEST NEWEST }
    input Range { min: Int = 0 max: Int }
    input Filter { text: String! price: Range tags: [String!] sort: Sort = CHEAPEST }
    scalar Json
    type Query { search(filter: Filter, first: Int = 20, sort: Sort = NEWEST): String! raw(value: Json): String! product: Product! }
    type Product @key(fields: "id") { id: ID! }`,
  resolvers: { Query: { search: echo, raw: echo, product: () => ({ id: 'p1' }) } },
};
const reviews = {
  name: 'reviews',
  typeDefs: `${federationLink('@key')}
    type Product @key(fields: "id") { id: ID! reviews(first: Int!, words: [String!]): String! }`,
  resolvers: { Product: { reviews: echo } },
};
const graph = { subgraphs: [products, reviews] };

describe('variables', () => {
  it('carry input objects, lists and enums, with the defaults of their types', async () => {
    await using gateway = await startGatewayTester(graph);
    const { data, errors } = await gateway.query(
      'query($filter: Filter, $sort: Sort) { search(filter: $filter, sort: $sort) }',
      {
        filter: { text: 'tea', price: { max: 9 }, tags: 'one' },
        sort: 'CHEAPEST',
      },
    );
    expect(errors).toBeUndefined();
    expect(JSON.parse((data as { search: string }).search)).toEqual({
      filter: { text: 'tea', price: { min: 0, max: 9 }, tags: ['one'], sort: 'CHEAPEST' },
      first: 20,
      sort: 'CHEAPEST',
    });
  });

  it('take the default of the operation when they are absent, and not when they are null', async () => {
    await using gateway = await startGatewayTester(graph);
    const query =
      'query($first: Int = 5, $text: String! = "tea") { search(filter: { text: $text }, first: $first) }';
    const [absent, given] = [
      await gateway.query(query),
      await gateway.query(query, { first: null, text: 'pot' }),
    ];
    expect(JSON.parse((absent.data as { search: string }).search)).toMatchObject({
      first: 5,
      filter: { text: 'tea' },
    });
    expect(JSON.parse((given.data as { search: string }).search)).toMatchObject({
      first: null,
      filter: { text: 'pot' },
    });
  });

  it('leave the default of the argument in force when they are absent', async () => {
    await using gateway = await startGatewayTester(graph);
    const { data } = await gateway.query(
      'query($first: Int, $sort: Sort) { search(first: $first, sort: $sort) }',
    );
    expect(JSON.parse((data as { search: string }).search)).toEqual({ first: 20, sort: 'NEWEST' });
  });

  it('reach the subgraphs that use them, and no other', async () => {
    await using gateway = await startGatewayTester(graph);
    const { data, errors } = await gateway.query(
      'query($n: Int!, $w: [String!], $first: Int) { search(first: $first) product { reviews(first: $n, words: $w) } }',
      { n: 3, w: ['a', 'b'], first: 1 },
    );
    expect(errors).toBeUndefined();
    expect(data).toMatchObject({ product: { reviews: '{"first":3,"words":["a","b"]}' } });
    expect(gateway.subgraph('reviews').received[0]?.variables).toEqual({
      n: 3,
      w: ['a', 'b'],
      representations: [{ __typename: 'Product', id: 'p1' }],
    });
    for (const { variables } of gateway.subgraph('products').received)
      expect(Object.keys(variables ?? {})).not.toContain('n');
  });

  it('leave custom scalars as they are', async () => {
    await using gateway = await startGatewayTester(graph);
    const value = { a: [1, { b: null }], $c: 'x' };
    const { data } = await gateway.query('query($value: Json) { raw(value: $value) }', { value });
    expect(JSON.parse((data as { raw: string }).raw)).toEqual({ value });
  });

  it('are refused under the one name that the entity protocol reserves, rather than mixed up with it', async () => {
    await using gateway = await startGatewayTester(graph);
    const { data, errors } = await gateway.query(
      'query($representations: Int!) { product { reviews(first: $representations) } }',
      { representations: 4 },
    );
    expect(data ?? null).toBeNull();
    expect(errors).toMatchObject([{ extensions: { code: 'RESERVED_VARIABLE_NAME' } }]);
    expect(gateway.subgraph('reviews').received).toEqual([]);
  });
});
