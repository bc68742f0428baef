import { federationLink } from '../../support/federationLink.js';
import { fieldsAsked, lastRepresentations } from '../../support/fieldsAsked.js';
import { startGatewayTester } from '../../support/gatewayTester.js';

const catalog = {
  name: 'catalog',
  typeDefs: `${federationLink('@key')}
    type Query { products: [Product!]! }
    enum Currency { EUR USD }
    type Size { grams: Int! box: Box }
    type Box { litres: Int! colour: String! }
    type Product @key(fields: "id") { id: ID! name: String! size: Size price(currency: Currency!): Int }`,
  resolvers: {
    Query: {
      products: () => [
        { id: 'p1', name: 'Kettle', size: { grams: 900, box: { litres: 5, colour: 'red' } } },
        { id: 'p2', name: 'Voucher', size: null },
      ],
    },
    Product: {
      price: ({ id }: { id: string }, { currency }: { currency: string }) =>
        (id === 'p1' ? 20 : 50) * (currency === 'EUR' ? 1 : 2),
    },
  },
};

interface Representation {
  readonly id: string;
  readonly size?: { readonly grams: number; readonly box: { readonly litres: number } | null } | null;
  readonly price?: number;
  readonly postage?: number;
}
const shipping = {
  name: 'shipping',
  typeDefs: `${federationLink('@key', '@requires', '@external')}
    enum Currency { EUR USD }
    type Size { grams: Int! @external box: Box @external }
    type Box { litres: Int! @external }
    type Product @key(fields: "id") {
      id: ID!
      size: Size @external
      price(currency: Currency!): Int @external
      postage(express: Boolean! = false): Int @requires(fields: "size { grams box { litres } }")
      insurance: Int @requires(fields: "price(currency: USD)")
      carrier: String
    }`,
  resolvers: {
    Product: {
      __resolveReference: (representation: Representation) => representation,
      postage: ({ size }: Representation, { express }: { express: boolean }) =>
        size ? size.grams / 100 + (size.box?.litres ?? 0) + (express ? 10 : 0) : null,
      insurance: ({ price }: Representation) => (price ?? 0) / 10,
      carrier: () => 'Snail',
    },
  },
};
const checkout = {
  name: 'checkout',
  typeDefs: `${federationLink('@key', '@requires', '@external')}
    type Product @key(fields: "id") {
      id: ID!
      postage(express: Boolean! = false): Int @external
      total: Int @requires(fields: "postage(express: true)")
    }`,
  resolvers: {
    Product: {
      __resolveReference: (representation: Representation) => representation,
      total: ({ postage }: Representation) => (postage == null ? null : postage + 100),
    },
  },
};
const graph = { subgraphs: [catalog, shipping, checkout] };

describe('@requires', () => {
  it('fetches nested required fields first, and keeps them out of the answer', async () => {
    await using gateway = await startGatewayTester(graph);
    const { data, errors } = await gateway.query('{ products { name postage } }');
    expect({ data, errors }).toEqual({
      data: {
        products: [
          { name: 'Kettle', postage: 14 },
          { name: 'Voucher', postage: null },
        ],
      },
      errors: undefined,
    });
    expect(lastRepresentations(gateway.subgraph('shipping'))).toEqual([
      { __typename: 'Product', id: 'p1', size: { grams: 900, box: { litres: 5 } } },
      { __typename: 'Product', id: 'p2', size: null },
    ]);
    const [asked] = fieldsAsked(gateway.subgraph('catalog'));
    expect(asked).toEqual(expect.arrayContaining(['Size.grams', 'Size.box', 'Box.litres']));
    expect(asked).not.toContain('Box.colour');
    expect(asked).not.toContain('Product.price');
  });

  it('asks for the required field with the arguments that the directive names', async () => {
    await using gateway = await startGatewayTester(graph);
    const { data, errors } = await gateway.query('{ products { insurance price(currency: EUR) } }');
    expect({ data, errors }).toEqual({
      data: {
        products: [
          { insurance: 4, price: 20 },
          { insurance: 10, price: 50 },
        ],
      },
      errors: undefined,
    });
    expect(lastRepresentations(gateway.subgraph('shipping'))).toEqual([
      { __typename: 'Product', id: 'p1', price: 40 },
      { __typename: 'Product', id: 'p2', price: 100 },
    ]);
  });

  it('follows requirements that themselves have requirements', async () => {
    await using gateway = await startGatewayTester(graph);
    const { data, errors } = await gateway.query('{ products { total postage } }');
    expect({ data, errors }).toEqual({
      data: {
        products: [
          { total: 124, postage: 14 },
          { total: null, postage: null },
        ],
      },
      errors: undefined,
    });
    expect(lastRepresentations(gateway.subgraph('checkout'))).toEqual([
      { __typename: 'Product', id: 'p1', postage: 24 },
      { __typename: 'Product', id: 'p2', postage: null },
    ]);
    expect(gateway.subgraph('shipping').received).toHaveLength(1);
  });

  it('fetches no required field when nothing that requires it is selected', async () => {
    await using gateway = await startGatewayTester(graph);
    const { data } = await gateway.query('{ products { carrier } }');
    expect(data).toEqual({ products: [{ carrier: 'Snail' }, { carrier: 'Snail' }] });
    expect(fieldsAsked(gateway.subgraph('catalog'))).toEqual([['Product.id', 'Query.products']]);
    expect(gateway.subgraph('checkout').received).toEqual([]);
  });
});
