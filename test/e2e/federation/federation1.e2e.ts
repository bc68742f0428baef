import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fieldsAsked, lastRepresentations } from '../../support/fieldsAsked.js';
import { type GatewayTesterOptions, startGatewayTester } from '../../support/gatewayTester.js';

interface Product {
  readonly upc: string;
  readonly dimensions?: { readonly grams: number };
}
const shelf = [
  { upc: '1', name: 'Kettle', dimensions: { grams: 900 } },
  { upc: '2', name: 'Cup', dimensions: { grams: 200 } },
  { upc: '3', name: 'Spoon', dimensions: { grams: 20 } },
];
const products = {
  name: 'products',
  typeDefs: `
    type Query { topProducts(first: Int = 2): [Product!]! }
    type Mutation { rename(upc: String!, name: String!): Product }
    type Product @key(fields: "upc") { upc: String! name: String dimensions: Dimensions }
    type Dimensions { grams: Int }`,
  resolvers: {
    Query: { topProducts: (_: unknown, { first }: { first: number }) => shelf.slice(0, first) },
    Mutation: { rename: (_: unknown, product: object) => product },
    Product: { __resolveReference: ({ upc }: Product) => shelf.find((product) => product.upc === upc) },
  },
};
const reviews = {
  name: 'reviews',
  typeDefs: `
    type Query { latestReview: Review }
    type Review { body: String! product: Product! @provides(fields: "name") }
    type Dimensions { grams: Int }
    extend type Product @key(fields: "upc") {
      upc: String! @external
      name: String @external
      dimensions: Dimensions @external
      reviews: [Review!]!
      verdict: String @requires(fields: "dimensions { grams }")
    }`,
  resolvers: {
    Query: { latestReview: () => ({ body: 'Hot.', product: { upc: '1', name: 'Kettle, they say' } }) },
    Product: {
      __resolveReference: (product: Product) => product,
      reviews: ({ upc }: Product) => [{ body: `on ${upc}`, product: { upc, name: `name of ${upc}` } }],
      verdict: ({ dimensions }: Product) => ((dimensions?.grams ?? 0) > 500 ? 'heavy' : 'light'),
    },
  },
};
const subgraphs = [products, reviews];
const supergraphSdl = readFileSync(path.join(__dirname, 'federation1Supergraph.graphql'), 'utf8');

describe.each<[string, GatewayTesterOptions]>([
  ['composed from subgraphs of federation 1', { subgraphs }],
  ['whose supergraph is one of federation 1 (join v0.1)', { subgraphs, supergraphSdl }],
])('a graph %s', (_name, graph) => {
  it('joins entities that one subgraph extends', async () => {
    await using gateway = await startGatewayTester(graph);
    const { data, errors } = await gateway.query(
      'query($n: Int) { topProducts(first: $n) { name reviews { body } } }',
      { n: 1 },
    );
    expect({ data, errors }).toEqual({
      data: { topProducts: [{ name: 'Kettle', reviews: [{ body: 'on 1' }] }] },
      errors: undefined,
    });
    expect(lastRepresentations(gateway.subgraph('reviews'))).toEqual([{ __typename: 'Product', upc: '1' }]);
  });

  it('honours @requires', async () => {
    await using gateway = await startGatewayTester(graph);
    const { data, errors } = await gateway.query('{ topProducts { verdict } }');
    expect({ data, errors }).toEqual({
      data: { topProducts: [{ verdict: 'heavy' }, { verdict: 'light' }] },
      errors: undefined,
    });
    expect(lastRepresentations(gateway.subgraph('reviews'))).toMatchObject([
      { upc: '1', dimensions: { grams: 900 } },
      { upc: '2', dimensions: { grams: 200 } },
    ]);
  });

  it('honours @provides', async () => {
    await using gateway = await startGatewayTester(graph);
    const { data } = await gateway.query('{ latestReview { body product { name } } }');
    expect(data).toEqual({ latestReview: { body: 'Hot.', product: { name: 'Kettle, they say' } } });
    expect(gateway.subgraph('products').received).toEqual([]);
  });

  it('queries the rest of what a mutation returns', async () => {
    await using gateway = await startGatewayTester(graph);
    const { data, errors } = await gateway.query(
      'mutation { rename(upc: "2", name: "Mug") { name reviews { product { upc } } } }',
    );
    expect({ data, errors }).toEqual({
      data: { rename: { name: 'Mug', reviews: [{ product: { upc: '2' } }] } },
      errors: undefined,
    });
    expect(fieldsAsked(gateway.subgraph('products'))).toEqual([
      ['Mutation.rename', 'Product.name', 'Product.upc'],
    ]);
  });
});
