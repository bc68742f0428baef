import { federationLink } from '../../support/federationLink.js';
import { fieldsAsked, lastRepresentations } from '../../support/fieldsAsked.js';
import { startGatewayTester } from '../../support/gatewayTester.js';

const products = {
  name: 'products',
  typeDefs: `${federationLink('@key', '@inaccessible')}
    type Query { products(state: State): [Product!]! audits: [Audit!]! @inaccessible }
    enum State { ON_SALE DRAFT @inaccessible }
    type Audit @inaccessible { at: String }
    type Product @key(fields: "warehouseCode") {
      warehouseCode: ID! @inaccessible
      cost: Int @inaccessible
      name: String!
    }`,
  resolvers: {
    Query: { products: () => [{ warehouseCode: 'w-1', cost: 10, name: 'Kettle' }] },
    Product: {
      __resolveReference: ({ warehouseCode }: { warehouseCode: string }) => ({ warehouseCode, cost: 10 }),
    },
  },
};
const prices = {
  name: 'prices',
  typeDefs: `${federationLink('@key', '@requires', '@external', '@inaccessible')}
    type Product @key(fields: "warehouseCode") {
      warehouseCode: ID! @inaccessible
      cost: Int @external
      price: Int @requires(fields: "cost")
    }`,
  resolvers: {
    Product: {
      __resolveReference: (representation: object) => representation,
      price: ({ cost }: { cost: number }) => cost * 2,
    },
  },
};
const graph = { subgraphs: [products, prices] };

describe('@inaccessible', () => {
  it.each([
    ['a field', '{ products { cost } }', 'Cannot query field "cost" on type "Product".'],
    ['a key', '{ products { warehouseCode } }', 'Cannot query field "warehouseCode" on type "Product".'],
    ['a root field', '{ audits { at } }', 'Cannot query field "audits" on type "Query".'],
    ['an enum value', '{ products(state: DRAFT) { name } }', 'Value "DRAFT" does not exist in "State" enum.'],
  ])('hides %s from clients', async (_what, query, message) => {
    await using gateway = await startGatewayTester(graph);
    const { status, data, errors } = await gateway.query(query);
    expect({ status, data }).toEqual({ status: 400, data: undefined });
    expect(errors).toMatchObject([{ message, extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }]);
    expect(gateway.subgraph('products').received).toEqual([]);
  });

  it('hides the same from introspection', async () => {
    await using gateway = await startGatewayTester(graph);
    const { data } = await gateway.query(
      '{ __schema { types { name fields { name } enumValues { name } } } }',
    );
    const text = JSON.stringify(data);
    expect(text).toContain('"price"');
    for (const hidden of ['warehouseCode', 'cost', 'audits', 'Audit', 'DRAFT'])
      expect(text).not.toContain(`"${hidden}"`);
  });

  it('still uses hidden fields inside plans, as a key and as a requirement', async () => {
    await using gateway = await startGatewayTester(graph);
    const { data, errors } = await gateway.query('{ products { name price } }');
    expect({ data, errors }).toEqual({
      data: { products: [{ name: 'Kettle', price: 20 }] },
      errors: undefined,
    });
    expect(fieldsAsked(gateway.subgraph('products'))).toEqual([
      ['Product.cost', 'Product.name', 'Product.warehouseCode', 'Query.products'],
    ]);
    expect(lastRepresentations(gateway.subgraph('prices'))).toEqual([
      { __typename: 'Product', warehouseCode: 'w-1', cost: 10 },
    ]);
  });

  it('answers null where a subgraph returns a hidden enum value', async () => {
    const drafts = {
      name: 'drafts',
      typeDefs: `${federationLink('@inaccessible')}
        type Query { state: State }
        enum State { ON_SALE DRAFT @inaccessible }`,
      resolvers: { Query: { state: () => 'DRAFT' } },
    };
    await using gateway = await startGatewayTester({ subgraphs: [drafts] });
    const answer = await gateway.query('{ state }');
    expect(answer.data).toEqual({ state: null });
    expect(JSON.stringify(answer)).not.toContain('DRAFT');
  });
});
