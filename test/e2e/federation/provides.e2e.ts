import { federationLink } from '../../support/federationLink.js';
import { fieldsAsked } from '../../support/fieldsAsked.js';
import { startGatewayTester } from '../../support/gatewayTester.js';

const products = {
  name: 'products',
  typeDefs: `${federationLink('@key', '@shareable')}
    type Query { cheapest: Product }
    type Product @key(fields: "id") { id: ID! name: String @shareable price: Int }`,
  resolvers: {
    Query: { cheapest: () => ({ id: 'p1', name: 'Kettle', price: 20 }) },
    Product: { __resolveReference: ({ id }: { id: string }) => ({ id, name: 'Kettle', price: 20 }) },
  },
};
const reviews = {
  name: 'reviews',
  typeDefs: `${federationLink('@key', '@provides', '@external')}
    type Query { latest: Review pinned: Review }
    type Review { text: String! product: Product @provides(fields: "name") anyProduct: Product }
    type Product @key(fields: "id") { id: ID! name: String @external }`,
  resolvers: {
    Query: {
      latest: () => ({ text: 'Hot.', product: { id: 'p1', name: 'Kettle, says the review' } }),
      pinned: () => ({ text: 'Good.', anyProduct: { id: 'p1', name: 'never to be seen' } }),
    },
  },
};
const graph = { subgraphs: [products, reviews] };

describe('@provides', () => {
  it('takes a provided field where it is provided, without a second request', async () => {
    await using gateway = await startGatewayTester(graph);
    const { data, errors } = await gateway.query('{ latest { text product { name } } }');
    expect({ data, errors }).toEqual({
      data: { latest: { text: 'Hot.', product: { name: 'Kettle, says the review' } } },
      errors: undefined,
    });
    expect(gateway.subgraph('products').received).toEqual([]);
  });

  it('asks the owner for what is not provided', async () => {
    await using gateway = await startGatewayTester(graph);
    const { data } = await gateway.query('{ latest { product { price } } }');
    expect(data).toEqual({ latest: { product: { price: 20 } } });
    expect(fieldsAsked(gateway.subgraph('products'))).toEqual([['Product.price']]);
  });

  it('holds for its own field only: another path to the same type goes to the owner', async () => {
    await using gateway = await startGatewayTester(graph);
    const { data } = await gateway.query('{ pinned { anyProduct { name } } }');
    expect(data).toEqual({ pinned: { anyProduct: { name: 'Kettle' } } });
    expect(fieldsAsked(gateway.subgraph('reviews'))).toEqual([
      ['Product.id', 'Query.pinned', 'Review.anyProduct'],
    ]);
    expect(fieldsAsked(gateway.subgraph('products'))).toEqual([['Product.name']]);
  });
});
