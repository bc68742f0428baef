import { GraphQLError } from 'graphql';
import { federationLink } from '../../support/federationLink.js';
import { startGatewayTester } from '../../support/gatewayTester.js';

const products = {
  name: 'products',
  typeDefs: `${federationLink('@key')}
    type Query { nullable: [Product] strict: [Product!] one: Product must: Product! }
    type Product @key(fields: "id") { id: ID! name: String }`,
  resolvers: {
    Query: {
      nullable: () => [{ id: 'ok' }, { id: 'fails' }, { id: 'null' }],
      strict: () => [{ id: 'ok' }, { id: 'fails' }],
      one: () => ({ id: 'fails', name: 'Kettle' }),
      must: () => ({ id: 'fails' }),
    },
  },
};
const code = 'FORBIDDEN';
function countOf(id: string) {
  if (id === 'fails') throw new GraphQLError('you may not', { extensions: { code } });
  return id === 'null' ? null : 7;
}
const stock = {
  name: 'stock',
  typeDefs: `${federationLink('@key')}
    type Product @key(fields: "id") { id: ID! soft: Int hard: Int! depot: Depot depots: [Depot!] }
    type Depot { shelf: Int! }`,
  resolvers: {
    Product: {
      __resolveReference: ({ id }: { id: string }) => ({ id }),
      soft: ({ id }: { id: string }) => countOf(id),
      hard: ({ id }: { id: string }) => (id === 'null' ? 0 : countOf(id)),
      depot: ({ id }: { id: string }) => ({ id }),
      depots: ({ id }: { id: string }) => [{ id: 'ok' }, { id }],
    },
    Depot: { shelf: ({ id }: { id: string }) => (id === 'null' ? 0 : countOf(id)) },
  },
};
const graph = { subgraphs: [products, stock] };
const fault = (...path: (string | number)[]) => ({
  message: 'you may not',
  path,
  extensions: { code, service: 'stock' },
});

describe('nulls and errors', () => {
  it('puts the error of a nullable field at its place in the whole answer', async () => {
    await using gateway = await startGatewayTester(graph);
    const { status, data, errors } = await gateway.query('{ nullable { soft } }');
    expect(status).toBe(200);
    expect(data).toEqual({ nullable: [{ soft: 7 }, { soft: null }, { soft: null }] });
    expect(errors).toEqual([fault('nullable', 1, 'soft')]);
  });

  it('writes the path in the names that the client gave', async () => {
    await using gateway = await startGatewayTester(graph);
    const { data, errors } = await gateway.query('{ first: one { count: soft } }');
    expect(data).toEqual({ first: { count: null } });
    expect(errors).toEqual([fault('first', 'count')]);
  });

  it('nulls the nearest nullable object when a non-null field fails', async () => {
    await using gateway = await startGatewayTester(graph);
    const { data, errors } = await gateway.query('{ one { name depot { shelf } } }');
    expect(data).toEqual({ one: { name: 'Kettle', depot: null } });
    expect(errors).toEqual([fault('one', 'depot', 'shelf')]);
  });

  it('nulls the item of a list of nullable items', async () => {
    await using gateway = await startGatewayTester(graph);
    const { data, errors } = await gateway.query('{ nullable { hard } }');
    expect(data).toEqual({ nullable: [{ hard: 7 }, null, { hard: 0 }] });
    expect(errors).toEqual([fault('nullable', 1, 'hard')]);
  });

  it('nulls a list of non-null items as a whole', async () => {
    await using gateway = await startGatewayTester(graph);
    const { data, errors } = await gateway.query('{ strict { hard } one { depots { shelf } } }');
    expect(data).toEqual({ strict: null, one: { depots: null } });
    expect(errors).toHaveLength(2);
    expect(errors).toEqual(
      expect.arrayContaining([fault('strict', 1, 'hard'), fault('one', 'depots', 1, 'shelf')]),
    );
  });

  it('nulls all of the data when nothing on the way up may be null', async () => {
    await using gateway = await startGatewayTester(graph);
    const { data, errors } = await gateway.query('{ must { hard } nullable { name } }');
    expect(data).toBeNull();
    expect(errors).toEqual([fault('must', 'hard')]);
  });

  it('reports one failing entity at each of its places', async () => {
    const twice = {
      ...products,
      resolvers: { Query: { nullable: () => [{ id: 'fails' }, { id: 'ok' }, { id: 'fails' }] } },
    };
    await using gateway = await startGatewayTester({ subgraphs: [twice, stock] });
    const { data, errors } = await gateway.query('{ nullable { soft } }');
    expect(data).toEqual({ nullable: [{ soft: null }, { soft: 7 }, { soft: null }] });
    expect(errors).toEqual([fault('nullable', 0, 'soft'), fault('nullable', 2, 'soft')]);
  });
});
