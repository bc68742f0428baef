import { federationLink } from '../../support/federationLink.js';
import { fieldsAsked } from '../../support/fieldsAsked.js';
import { startGatewayTester } from '../../support/gatewayTester.js';

const stores = {
  name: 'stores',
  typeDefs: `${federationLink('@key', '@shareable')}
    type Query { stores: [Store!]! }
    type Position @shareable { x: Int! y: Int! }
    type Store @key(fields: "id") { id: ID! name: String @shareable position: Position! }`,
  resolvers: {
    Query: { stores: () => [{ id: 's1', name: 'from stores', position: { x: 1, y: 2 } }] },
    Store: { __resolveReference: ({ id }: { id: string }) => ({ id, name: 'from stores' }) },
  },
};
const deliveries = {
  name: 'deliveries',
  typeDefs: `${federationLink('@key', '@shareable')}
    type Query { vans: [Van!]! nextStop: Store }
    type Position @shareable { x: Int! y: Int! }
    type Van { position: Position! }
    type Store @key(fields: "id") { id: ID! name: String @shareable open: Boolean }`,
  resolvers: {
    Query: {
      vans: () => [{ position: { x: 3, y: 4 } }],
      nextStop: () => ({ id: 's1', name: 'from deliveries', open: true }),
    },
    Store: { __resolveReference: ({ id }: { id: string }) => ({ id, name: 'from deliveries', open: true }) },
  },
};
const graph = { subgraphs: [stores, deliveries] };

describe('@shareable', () => {
  it('takes a value type from whichever subgraph has the object at hand', async () => {
    await using gateway = await startGatewayTester(graph);
    const { data, errors } = await gateway.query('{ stores { position { x y } } vans { position { x y } } }');
    expect({ data, errors }).toEqual({
      data: { stores: [{ position: { x: 1, y: 2 } }], vans: [{ position: { x: 3, y: 4 } }] },
      errors: undefined,
    });
    expect(gateway.subgraph('stores').received).toHaveLength(1);
    expect(gateway.subgraph('deliveries').received).toHaveLength(1);
  });

  it('does not leave a subgraph for a field that it shares', async () => {
    await using gateway = await startGatewayTester(graph);
    const { data } = await gateway.query('{ nextStop { name open } }');
    expect(data).toEqual({ nextStop: { name: 'from deliveries', open: true } });
    expect(gateway.subgraph('stores').received).toEqual([]);
  });

  it('asks the other subgraph for the other fields alone', async () => {
    await using gateway = await startGatewayTester(graph);
    const { data } = await gateway.query('{ stores { name open } }');
    expect(data).toEqual({ stores: [{ name: 'from stores', open: true }] });
    expect(fieldsAsked(gateway.subgraph('deliveries'))).toEqual([['Store.open']]);
  });
});
