import { GraphQLError } from 'graphql';
import { type GatewayTester, startGatewayTester } from '../../support/gatewayTester.js';
import { graphqlSocketClient } from '../../support/graphqlSocketClient.js';
import { rawRequest } from '../../support/rawRequest.js';
import { openGreetedSocket } from '../../support/rawSocket.js';
import { streamResults } from '../../support/streamResults.js';
import { TestChannel } from '../../support/testChannel.js';
import { until } from '../../support/until.js';

const ticks = new TestChannel<{ ticks: number }>();
const numbers = {
  name: 'numbers',
  typeDefs: 'type Query { broken(id: ID): Int } type Subscription { ticks: Int }',
  resolvers: {
    Subscription: { ticks: { subscribe: () => ticks.subscribe() } },
    Query: {
      broken() {
        throw new GraphQLError('not twice', { extensions: { code: 'CONFLICT' } });
      },
    },
  },
};
const QUERY = '{ broken }';
const SSE = 'text/event-stream';
const MULTIPART = 'multipart/mixed;subscriptionSpec=1.0';

async function post(url: string, body: string, accept?: string): Promise<string> {
  const headers = { 'content-type': 'application/json', ...(accept && { accept }) };
  return (await rawRequest(url, { method: 'POST', headers, body })).bytes.toString();
}

describe('errors that clients are sent', () => {
  let gateway: GatewayTester;
  beforeEach(async () => {
    const streaming = { maxOperationsPerConnection: 1 };
    gateway = await startGatewayTester({ subgraphs: [numbers], config: { streaming } });
  });
  afterEach(() => gateway[Symbol.asyncDispose]());
  const counted = async () => {
    const samples = await gateway.samples('headgate_errors_total');
    return Object.fromEntries(samples.map(({ labels, value }) => [labels['code'], value]));
  };

  it('are counted once each, whichever way an operation is run', async () => {
    const ask = (accept?: string) => post(gateway.url, JSON.stringify({ query: QUERY }), accept);
    // The first goes through Apollo Server, those after it the short way.
    for (const accept of [undefined, undefined, undefined, SSE, MULTIPART]) {
      expect(await ask(accept)).toContain('CONFLICT');
    }
    const client = graphqlSocketClient(gateway.url);
    const results = streamResults(client, QUERY);
    expect(await results.first(1)).toMatchObject([{ errors: [{ extensions: { code: 'CONFLICT' } }] }]);
    await until('it is complete', () => results.isComplete);
    await client.dispose();
    expect(await counted()).toEqual({ CONFLICT: 6 });
  });

  it('are counted where an operation is refused before it is run', async () => {
    const unknown = JSON.stringify({ query: '{ unknown }' });
    const noHash = JSON.stringify({ extensions: { persistedQuery: { version: 1, sha256Hash: 'a' } } });
    for (const accept of [undefined, SSE, MULTIPART]) {
      expect(await post(gateway.url, unknown, accept)).toContain('GRAPHQL_VALIDATION_FAILED');
      expect(await post(gateway.url, noHash, accept)).toContain('PERSISTED_QUERY_NOT_FOUND');
      expect(await post(gateway.url, '{', accept)).toContain('BAD_REQUEST');
      expect(await post(gateway.url, '[]', accept)).toContain('BATCHING_NOT_SUPPORTED');
    }
    expect(await counted()).toEqual({
      GRAPHQL_VALIDATION_FAILED: 3,
      PERSISTED_QUERY_NOT_FOUND: 3,
      BAD_REQUEST: 3,
      BATCHING_NOT_SUPPORTED: 3,
    });
    const raw = await openGreetedSocket(gateway.url);
    const subscribe = (id: string, query: string) => raw.send({ id, type: 'subscribe', payload: { query } });
    for (const id of ['1', '2']) subscribe(id, 'subscription { ticks }');
    await raw.untilCame('error');
    raw.send({ id: '1', type: 'complete' });
    subscribe('3', '{ unknown }');
    await until('both are refused', () => raw.messages.filter(({ type }) => type === 'error').length === 2);
    raw.socket.close();
    expect(await counted()).toMatchObject({ GRAPHQL_VALIDATION_FAILED: 4, STREAM_LIMIT_REACHED: 1 });
  });
});
