import { createClient as createSseClient } from 'graphql-sse';
import type { Client } from 'graphql-ws';
import { type GatewayTester, startGatewayTester } from '../../support/gatewayTester.js';
import { graphqlSocketClient } from '../../support/graphqlSocketClient.js';
import { createShelfGraph } from '../../support/shelfGraph.js';
import { streamResults } from '../../support/streamResults.js';
import { until } from '../../support/until.js';

const RENAME = 'mutation ($id: ID!, $title: String!) { rename(id: $id, title: $title) { title } }';

describe('queries and mutations over transports for streams', () => {
  let tester: GatewayTester;
  let client: Client;
  beforeAll(async () => {
    tester = await startGatewayTester({ subgraphs: createShelfGraph().subgraphs });
    client = graphqlSocketClient(tester.url);
  });
  afterAll(async () => {
    await client.dispose();
    await tester[Symbol.asyncDispose]();
  });

  it('are answered once over a WebSocket, and complete', async () => {
    const written = streamResults(client, { query: RENAME, variables: { id: 'b1', title: 'Emma' } });
    await until('the mutation is complete', () => written.isComplete);
    expect(written.results).toEqual([{ data: { rename: { title: 'Emma' } } }]);
    const read = streamResults(client, '{ book(id: "b1") { title copies } }');
    await until('the query is complete', () => read.isComplete);
    expect(read.results).toEqual([{ data: { book: { title: 'Emma', copies: 1 } } }]);
  });

  it('are refused with the reason', async () => {
    const wrong = streamResults(client, { query: RENAME, variables: { id: 'b1' } });
    expect(await wrong.failure()).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
  });

  it('are answered once over server-sent events', async () => {
    const sse = createSseClient({ url: tester.url, retryAttempts: 0 });
    const results: unknown[] = [];
    for await (const result of sse.iterate({ query: '{ book(id: "b2") { title } }' })) results.push(result);
    expect(results).toEqual([{ data: { book: { title: 'Book b2' } } }]);
    sse.dispose();
  });

  it('do not write by a link alone', async () => {
    const query = encodeURIComponent('mutation { touch(id: "b1") }');
    const response = await fetch(`${tester.url}?query=${query}`, {
      headers: { accept: 'text/event-stream', 'apollo-require-preflight': '1' },
    });
    expect(response.status).toBe(400);
    expect(await response.text()).toContain('Mutations are sent by POST');
    expect(tester.subgraph('books').received.filter((request) => request.query.includes('touch'))).toEqual(
      [],
    );
  });
});
