import { federationLink } from '../../support/federationLink.js';
import { type GatewayTester, startGatewayTester } from '../../support/gatewayTester.js';

const start = () =>
  startGatewayTester({
    config: { planCacheEntries: 10, cache: { responses: false, joinRequests: false } },
    subgraphs: [
      {
        name: 'products',
        typeDefs: `${federationLink('@key')}
          enum Unit { GRAM POUND }
          input Box { width: Int = 7  unit: Unit }
          type Query { product(id: ID!, box: Box): Product! }
          type Product @key(fields: "id") { id: ID!  box: String!  text(times: Int! = 1, of: String): String! }`,
        resolvers: {
          Query: { product: (_: unknown, { id, box }: { id: string; box: unknown }) => ({ id, box }) },
          Product: {
            box: ({ box }: { box: unknown }) => JSON.stringify(box ?? null),
            text: (_: unknown, { times, of }: { times: number; of?: string }) => `${of}`.repeat(times),
          },
        },
      },
      {
        name: 'stock',
        typeDefs: `${federationLink('@key')} type Product @key(fields: "id") { id: ID!  near(place: String!): String! }`,
        resolvers: {
          Product: {
            __resolveReference: (reference: unknown) => reference,
            near: ({ id }: { id: string }, { place }: { place: string }) => `${id} at ${place}`,
          },
        },
      },
    ],
  });

const queriesOf = (gateway: GatewayTester, name: string) =>
  new Set(gateway.subgraph(name).received.map(({ query }) => query)).size;

describe('operations with literals', () => {
  it('are answered by one plan, however many there are, each with its own values', async () => {
    await using gateway = await start();
    for (let id = 1; id <= 25; id++) {
      const { data, errors } = await gateway.query(
        `query Page { product(id: ${id}, box: { unit: POUND }) { box text(times: 2, of: "a${id}") near(place: "x${id}") } }`,
      );
      expect(errors).toBeUndefined();
      const text = `a${id}a${id}`;
      expect(data).toEqual({
        product: { box: '{"width":7,"unit":"POUND"}', text, near: `${id} at x${id}` },
      });
    }
    expect(queriesOf(gateway, 'products')).toBe(1);
    expect(queriesOf(gateway, 'stock')).toBe(1);
  });

  it('keep their own variables, whose faults are shown where the client wrote them', async () => {
    await using gateway = await start();
    const ask = (text: string, times: unknown) => gateway.query(text, { times });
    const first = 'query ($times: Int!) { product(id: "1") { text(times: $times, of: "a") } }';
    const second = '\n\n   query ($times: Int!) { product(id: "2") { text(times: $times, of: "b") } }';
    expect((await ask(first, 2)).data).toEqual({ product: { text: 'aa' } });
    expect((await ask(second, 3)).data).toEqual({ product: { text: 'bbb' } });
    const fault = await ask(second, 'three');
    expect(fault.status).toBe(400);
    expect(fault.errors?.[0]?.locations).toEqual([{ line: 3, column: 11 }]);
    expect(fault.errors?.[0]?.message).toContain('$times');
    // What the gateway calls a literal is nothing that a client could set.
    const forged = await gateway.query(second, { times: 1, literal_0: 'z', literal_1: 'z' });
    expect(forged.data).toEqual({ product: { text: 'b' } });
  });
});
