import { federationLink } from '../../support/federationLink.js';
import { fieldsAsked, lastRepresentations } from '../../support/fieldsAsked.js';
import { startGatewayTester } from '../../support/gatewayTester.js';

const names = { p1: 'Kettle', p2: 'Teapot', p3: 'Cup' };
type Id = keyof typeof names;

const products = {
  name: 'products',
  typeDefs: `${federationLink('@key')}
    type Query { products: [Product!]! product(id: ID!): Product }
    type Product @key(fields: "id") { id: ID! name: String! }`,
  resolvers: {
    Query: {
      products: () => Object.entries(names).map(([id, name]) => ({ id, name })),
      product: (_: unknown, { id }: { id: Id }) => (names[id] ? { id, name: names[id] } : null),
    },
    Product: {
      __resolveReference: ({ id }: { id: Id }) => (names[id] ? { id, name: names[id] } : null),
    },
  },
};
const reviews = {
  name: 'reviews',
  typeDefs: `${federationLink('@key')}
    type Query { latest: [Review!]! }
    type Review { stars: Int! product: Product }
    type Product @key(fields: "id") { id: ID! averageStars: Float }`,
  resolvers: {
    Query: {
      latest: () =>
        [
          ['p1', 5],
          ['p2', 4],
          ['p1', 3],
          ['p1', 1],
        ].map(([id, stars]) => ({ stars, product: { id } })),
    },
    Product: {
      __resolveReference: ({ id }: { id: string }) => ({ id, averageStars: Number(id.slice(1)) / 2 }),
    },
  },
};
const graph = { subgraphs: [products, reviews] };

describe('a federated graph', () => {
  it('answers one query from several subgraphs, with one request to each', async () => {
    await using gateway = await startGatewayTester(graph);
    const { data, errors, status } = await gateway.query('{ products { name averageStars } }');
    expect({ status, errors }).toEqual({ status: 200, errors: undefined });
    expect(data).toEqual({
      products: [
        { name: 'Kettle', averageStars: 0.5 },
        { name: 'Teapot', averageStars: 1 },
        { name: 'Cup', averageStars: 1.5 },
      ],
    });
    expect(fieldsAsked(gateway.subgraph('products'))).toEqual([
      ['Product.id', 'Product.name', 'Query.products'],
    ]);
    expect(fieldsAsked(gateway.subgraph('reviews'))).toEqual([['Product.averageStars']]);
  });

  it('asks for an entity once, however often it stands in a list', async () => {
    await using gateway = await startGatewayTester(graph);
    const { data, errors } = await gateway.query('{ latest { stars product { name } } }');
    expect(errors).toBeUndefined();
    expect(data).toEqual({
      latest: [
        { stars: 5, product: { name: 'Kettle' } },
        { stars: 4, product: { name: 'Teapot' } },
        { stars: 3, product: { name: 'Kettle' } },
        { stars: 1, product: { name: 'Kettle' } },
      ],
    });
    expect(gateway.subgraph('products').received).toHaveLength(1);
    expect(lastRepresentations(gateway.subgraph('products'))).toEqual([
      { __typename: 'Product', id: 'p1' },
      { __typename: 'Product', id: 'p2' },
    ]);
  });

  it('leaves out a subgraph that has nothing to add', async () => {
    await using gateway = await startGatewayTester(graph);
    const { data } = await gateway.query('{ products { id name } }');
    expect(data).toMatchObject({ products: [{ id: 'p1', name: 'Kettle' }, {}, {}] });
    expect(gateway.subgraph('reviews').received).toEqual([]);
  });

  it('asks nobody about an entity that does not exist', async () => {
    await using gateway = await startGatewayTester(graph);
    const { data, errors } = await gateway.query('{ product(id: "none") { name averageStars } }');
    expect({ data, errors }).toEqual({ data: { product: null }, errors: undefined });
    expect(gateway.subgraph('products').received).toHaveLength(1);
    expect(gateway.subgraph('reviews').received).toEqual([]);
  });

  it('takes an entity that its subgraph does not know for null', async () => {
    const orphan = {
      ...reviews,
      resolvers: {
        ...reviews.resolvers,
        Query: { latest: () => [{ stars: 2, product: { id: 'gone' } }] },
      },
    };
    await using gateway = await startGatewayTester({ subgraphs: [products, orphan] });
    const { data } = await gateway.query('{ latest { stars product { averageStars name } } }');
    expect(data).toEqual({ latest: [{ stars: 2, product: null }] });
  });
});
