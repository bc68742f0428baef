import { federationLink } from '../../support/federationLink.js';
import { fieldsAsked } from '../../support/fieldsAsked.js';
import { startGatewayTester } from '../../support/gatewayTester.js';

const prices = {
  name: 'prices',
  typeDefs: `${federationLink('@key', '@context', '@fromContext')}
    type Query { customers: [Customer!]! }
    type Customer @key(fields: "id") @context(name: "customer") { id: ID! discount: Int! basket: Item! }
    type Item @key(fields: "id") {
      id: ID!
      price(discount: Int @fromContext(field: "$customer { discount }")): Int!
    }`,
  resolvers: {
    Query: {
      customers: () => [
        { id: 'c1', discount: 10, basket: { id: 'i1' } },
        { id: 'c2', discount: 30, basket: { id: 'i1' } },
      ],
    },
    Item: {
      __resolveReference: ({ id }: { id: string }) => ({ id }),
      price: (_: unknown, { discount }: { discount: number }) => 100 - discount,
    },
  },
};
const customers = {
  name: 'names',
  typeDefs: `${federationLink('@key')} type Customer @key(fields: "id") { id: ID! name: String! }`,
  resolvers: {
    Customer: { __resolveReference: ({ id }: { id: string }) => ({ id, name: `Name of ${id}` }) },
  },
};
const graph = { subgraphs: [prices, customers] };

describe('@context and @fromContext', () => {
  it('hands a value of the enclosing object to a nested field, to each its own', async () => {
    await using gateway = await startGatewayTester(graph);
    const { data, errors } = await gateway.query('{ customers { name basket { id price } } }');
    expect({ data, errors }).toEqual({
      data: {
        customers: [
          { name: 'Name of c1', basket: { id: 'i1', price: 90 } },
          { name: 'Name of c2', basket: { id: 'i1', price: 70 } },
        ],
      },
      errors: undefined,
    });
  });

  it('hides the argument from clients', async () => {
    await using gateway = await startGatewayTester(graph);
    const { status, errors } = await gateway.query('{ customers { basket { price(discount: 99) } } }');
    expect(status).toBe(400);
    expect(errors).toMatchObject([{ message: 'Unknown argument "discount" on field "Item.price".' }]);
  });

  it('fetches no context value that nobody needs', async () => {
    await using gateway = await startGatewayTester(graph);
    await gateway.query('{ customers { basket { id } } }');
    const [asked] = fieldsAsked(gateway.subgraph('prices'));
    expect(asked).toEqual(expect.arrayContaining(['Customer.basket', 'Item.id']));
    expect(asked).not.toContain('Customer.discount');
  });
});
