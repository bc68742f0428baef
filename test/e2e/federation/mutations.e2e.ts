import { GraphQLError } from 'graphql';
import { federationLink } from '../../support/federationLink.js';
import { startGatewayTester } from '../../support/gatewayTester.js';

/** Two subgraphs that write down when each of their mutations begins and ends. */
function recordingGraph(log: string[]) {
  const step = (name: string) => async () => {
    log.push(`${name} begins`);
    // Gives a mutation that is sent too early every chance to overtake this one.
    for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
    log.push(`${name} ends`);
    return name;
  };
  const cart = {
    name: 'cart',
    typeDefs: `${federationLink('@key')}
      type Query { cart: String }
      type Mutation { add: String remove: String order(id: ID!): Order }
      type Order @key(fields: "id") { id: ID! }`,
    resolvers: {
      Mutation: {
        add: step('add'),
        remove: step('remove'),
        order: (_: unknown, { id }: { id: string }) => ({ id }),
      },
    },
  };
  const payment = {
    name: 'payment',
    typeDefs: `${federationLink('@key')}
      type Mutation { pay: String refuse: String! refuseSoftly: String }
      type Order @key(fields: "id") { id: ID! paid: Boolean }`,
    resolvers: {
      Mutation: {
        pay: step('pay'),
        refuse: refuse,
        refuseSoftly: refuse,
      },
      Order: { __resolveReference: ({ id }: { id: string }) => ({ id, paid: id === '1' }) },
    },
  };
  function refuse(): never {
    log.push('refused');
    throw new GraphQLError('no money', { extensions: { code: 'CONFLICT' } });
  }
  return { subgraphs: [cart, payment] };
}

describe('mutations', () => {
  it('run one after the other in the order of the document, across subgraphs', async () => {
    const log: string[] = [];
    await using gateway = await startGatewayTester(recordingGraph(log));
    const { data, errors } = await gateway.query('mutation { add pay remove again: add }');
    expect({ data, errors }).toEqual({
      data: { add: 'add', pay: 'pay', remove: 'remove', again: 'add' },
      errors: undefined,
    });
    const order = ['add', 'pay', 'remove', 'add'];
    expect(log).toEqual(order.flatMap((name) => [`${name} begins`, `${name} ends`]));
    // Neighbours in one subgraph go in one request, which that subgraph runs in series itself.
    expect(gateway.subgraph('cart').received).toHaveLength(2);
    expect(gateway.subgraph('payment').received).toHaveLength(1);
  });

  it('are sent to subgraphs as mutations, and the entities that they return are queried', async () => {
    await using gateway = await startGatewayTester(recordingGraph([]));
    const { data, errors } = await gateway.query(
      'mutation($id: ID!) { order(id: $id) { id paid } other: order(id: "2") { paid } }',
      { id: '1' },
    );
    expect({ data, errors }).toEqual({
      data: { order: { id: '1', paid: true }, other: { paid: false } },
      errors: undefined,
    });
    for (const { query } of gateway.subgraph('cart').received) expect(query).toMatch(/^mutation\b/);
    for (const { query } of gateway.subgraph('payment').received) expect(query).not.toMatch(/mutation/);
  });

  it('go on after one that failed, unless it may not be null', async () => {
    const log: string[] = [];
    await using gateway = await startGatewayTester(recordingGraph(log));
    const soft = await gateway.query('mutation { refuseSoftly add }');
    expect(soft.data).toEqual({ refuseSoftly: null, add: 'add' });
    expect(soft.errors).toMatchObject([{ path: ['refuseSoftly'], extensions: { code: 'CONFLICT' } }]);
    const hard = await gateway.query('mutation { refuse }');
    expect(hard.data).toBeNull();
    expect(hard.errors).toMatchObject([{ path: ['refuse'], extensions: { code: 'CONFLICT' } }]);
    expect(log).toEqual(['refused', 'add begins', 'add ends', 'refused']);
  });

  it('are sent once, even when their subgraph drops the connection', async () => {
    const { subgraphs } = recordingGraph([]);
    let requests = 0;
    const [cart, payment] = subgraphs;
    if (!cart || !payment) throw new Error('two subgraphs');
    const dropping = {
      ...cart,
      intercept: (_request: unknown, response: { destroy(): unknown }) => {
        requests++;
        response.destroy();
      },
    };
    await using gateway = await startGatewayTester({ subgraphs: [dropping, payment] });
    const { data, errors } = await gateway.query('mutation { add }');
    expect(data).toEqual({ add: null });
    expect(errors).toMatchObject([{ extensions: { code: 'SUBGRAPH_UNAVAILABLE', service: 'cart' } }]);
    expect(requests).toBe(1);
  });
});
