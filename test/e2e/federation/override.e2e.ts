import { federationLink } from '../../support/federationLink.js';
import { fieldsAsked } from '../../support/fieldsAsked.js';
import { startGatewayTester } from '../../support/gatewayTester.js';

const products = {
  name: 'products',
  typeDefs: `${federationLink('@key')}
    type Query { products: [Product!]! }
    type Product @key(fields: "id") { id: ID! name: String! stock: Int }`,
  resolvers: {
    Query: { products: () => [{ id: 'p1', name: 'Kettle', stock: 1 }] },
    Product: { __resolveReference: ({ id }: { id: string }) => ({ id, stock: 1 }) },
  },
};

function inventory(override: string) {
  return {
    name: 'inventory',
    typeDefs: `${federationLink('@key', '@override')}
      type Query { emptyShelves: [Product!]! }
      type Product @key(fields: "id") { id: ID! stock: Int ${override} }`,
    resolvers: {
      Query: { emptyShelves: () => [{ id: 'p1', stock: 2 }] },
      Product: { __resolveReference: ({ id }: { id: string }) => ({ id, stock: 2 }) },
    },
  };
}

describe('@override', () => {
  it('takes a moved field from its new subgraph, and never from the old one', async () => {
    await using gateway = await startGatewayTester({
      subgraphs: [products, inventory('@override(from: "products")')],
    });
    const { data, errors } = await gateway.query('{ products { name stock } emptyShelves { stock } }');
    expect({ data, errors }).toEqual({
      data: { products: [{ name: 'Kettle', stock: 2 }], emptyShelves: [{ stock: 2 }] },
      errors: undefined,
    });
    expect(fieldsAsked(gateway.subgraph('products')).flat()).not.toContain('Product.stock');
    expect(fieldsAsked(gateway.subgraph('inventory')).flat()).toContain('Product.stock');
  });

  it('takes a field that moves by percent(0) from the old subgraph', async () => {
    await using gateway = await startGatewayTester({
      subgraphs: [products, inventory('@override(from: "products", label: "percent(0)")')],
    });
    const { data, errors } = await gateway.query('{ products { stock } }');
    expect({ data, errors }).toEqual({ data: { products: [{ stock: 1 }] }, errors: undefined });
    expect(gateway.subgraph('inventory').received).toEqual([]);
  });

  it('takes a field that has moved by percent(100) from the new subgraph', async () => {
    await using gateway = await startGatewayTester({
      subgraphs: [products, inventory('@override(from: "products", label: "percent(100)")')],
    });
    const { data, errors } = await gateway.query('{ products { stock } }');
    expect({ data, errors }).toEqual({ data: { products: [{ stock: 2 }] }, errors: undefined });
    expect(fieldsAsked(gateway.subgraph('products'))).toEqual([['Product.id', 'Query.products']]);
  });
});
