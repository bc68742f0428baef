import { ApolloServer } from '@apollo/server';
import { GraphQLError } from 'graphql';
import { federationLink } from '../../support/federationLink.js';
import { type GatewayTester, startGatewayTester } from '../../support/gatewayTester.js';

const thing = {
  name: 'thing',
  typeDefs: `${federationLink()}
    type Query { hello(n: Int): String list: [Int!]! must: Must crash: Int coded: Int teapot: Int }
    type Must { here: Int! }
    type Mutation { count: Int fail: Int }
    type Subscription { ticks: Int }`,
  resolvers: {
    Query: {
      hello: (_: unknown, { n }: { n?: number }) => `"Hellö" \u{1F600} ${n}`,
      list: () => [1, 2],
      must: () => ({ here: null }),
      crash: () => {
        throw new Error('db-7.internal failed');
      },
      coded: () => {
        throw new GraphQLError('no', { extensions: { code: 'COUPON_EXPIRED' } });
      },
      teapot: () => {
        throw new GraphQLError('short', { extensions: { code: 'TEAPOT', http: { status: 418 } } });
      },
    },
    Mutation: {
      count: () => 1,
      fail: () => {
        throw new Error('db-7.internal failed');
      },
    },
  },
};

describe('what runs without Apollo Server', () => {
  let gateway: GatewayTester;
  beforeAll(async () => {
    gateway = await startGatewayTester({ subgraphs: [thing] });
    await ask({ query: '{ list }' }, DIRECT);
  });
  afterAll(() => gateway[Symbol.asyncDispose]());

  /** Apollo Server has answered one of these, so that its format is known. */
  const DIRECT = 'application/json';
  let unseen = 0;
  /** An `Accept` of which it is not, and that means the same. */
  const onServer = () => `application/json; q=0.${++unseen}`;

  async function ask(body: unknown, accept: string) {
    const response = await fetch(gateway.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept, 'x-request-id': 'r-1' },
      body: JSON.stringify(body),
    });
    const { date: _, ...headers } = Object.fromEntries(response.headers);
    return { status: response.status, headers, text: await response.text() };
  }

  it.each([
    ['a query', { query: '{ hello list }' }, 200],
    ['a query with variables', { query: 'query A($n: Int) { hello(n: $n) }', variables: { n: 3 } }, 200],
    ['a query by name', { query: 'query A { list } query B { hello }', operationName: 'B' }, 200],
    ['an operation name that is not there', { query: '{ list }', operationName: 'C' }, 400],
    ['a document that is no GraphQL', { query: '{ list' }, 400],
    ['a document that does not fit', { query: '{ lost }' }, 400],
    ['a variable of another type', { query: 'query($n: Int!) { hello(n: $n) }', variables: { n: 'x' } }, 400],
    [
      'a condition that is null',
      { query: 'query($c: Boolean = true) { list @skip(if: $c) }', variables: { c: null } },
      400,
    ],
    ['an error with a code', { query: '{ coded list }' }, 200],
    ['an error that is masked', { query: '{ crash }' }, 200],
    ['an error that would be a teapot', { query: '{ teapot }' }, 200],
    ['a null that spreads', { query: '{ must { here } list }' }, 200],
    ['a mutation', { query: 'mutation { count }' }, 200],
    ['a mutation that fails', { query: 'mutation { fail }' }, 200],
    ['a subscription', { query: 'subscription { ticks }' }, 400],
    ['introspection', { query: '{ __type(name: "Query") { name } list }' }, 200],
    ['no document', { variables: {} }, 400],
    ['variables that are a list', { query: '{ list }', variables: [] }, 400],
    ['extensions that are text', { query: '{ list }', extensions: 'x' }, 400],
    [
      'a persisted query',
      { query: '{ list }', extensions: { persistedQuery: { version: 1, sha256Hash: 'x' } } },
      400,
    ],
  ])('is answered as Apollo Server answers: %s', async (_what, body, status) => {
    const expected = await ask(body, onServer());
    const [first, second] = [await ask(body, DIRECT), await ask(body, DIRECT)];
    expect(expected.status).toBe(status);
    expect(first).toEqual(expected);
    expect(second).toEqual(expected);
  });

  it('does not get there at all, once it is known how to answer', async () => {
    const server = jest.spyOn(ApolloServer.prototype, 'executeHTTPGraphQLRequest');
    await ask({ query: '{ list }' }, DIRECT);
    await ask({ query: 'mutation { count }' }, DIRECT);
    expect(server).toHaveBeenCalledTimes(0);
    await ask({ query: '{ list }' }, onServer());
    expect(server).toHaveBeenCalledTimes(1);
    server.mockRestore();
  });

  it('is refused as it is there, when a page of somebody else could have sent it', async () => {
    const response = await fetch(gateway.url, {
      method: 'POST',
      headers: { 'content-type': 'text/plain', accept: DIRECT },
      body: '{"query":"{ list }"}',
    });
    expect(response.status).toBe(400);
  });

  it('is a query in the media type that its client accepts', async () => {
    const accept = 'application/graphql-response+json';
    for (let time = 0; time < 2; time++) {
      const { headers } = await ask({ query: '{ list hello }' }, accept);
      expect(headers['content-type']).toMatch(/^application\/graphql-response\+json/);
    }
  });
});
