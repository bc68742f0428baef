import { federationLink } from '../../support/federationLink.js';
import { startGatewayTester } from '../../support/gatewayTester.js';
import { held } from '../../support/held.js';
import { recordingLogger } from '../../support/recordingLogger.js';
import type { TestSubgraphDefinition } from '../../support/testSubgraph.js';
import { until } from '../../support/until.js';

/** The first subgraph holds its answer until released; the second one's part comes after it. */
function heldGraph() {
  const arrived = held();
  const hold = held();
  const cancelled = held();
  let isCancelled = false;
  const first: TestSubgraphDefinition = {
    name: 'first',
    typeDefs: `${federationLink('@key')}
      type Query { thing: Thing }
      type Mutation { write: String }
      type Thing @key(fields: "id") { id: ID! }`,
    resolvers: { Query: { thing: () => ({ id: '1' }) }, Mutation: { write: () => 'written' } },
    async intercept(_request, response, next) {
      response.once('close', () => {
        if (response.writableFinished) return;
        isCancelled = true;
        cancelled.release();
      });
      arrived.release();
      await hold.promise;
      await next();
    },
  };
  const second: TestSubgraphDefinition = {
    name: 'second',
    typeDefs: `${federationLink('@key')}
      type Mutation { writeToo: String }
      type Thing @key(fields: "id") { id: ID! size: Int }`,
    resolvers: {
      Mutation: { writeToo: () => 'written too' },
      Thing: { __resolveReference: ({ id }: { id: string }) => ({ id, size: 1 }) },
    },
  };
  return { subgraphs: [first, second], arrived, hold, cancelled, isCancelled: () => isCancelled };
}

function askAndLeave(url: string, query: string): { leave(): Promise<void> } {
  const abort = new AbortController();
  const answer = fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
    signal: abort.signal,
  });
  return {
    async leave() {
      abort.abort();
      await expect(answer).rejects.toThrow('aborted');
    },
  };
}

describe('a client that goes away', () => {
  it('cancels what its query asked of subgraphs, and nothing more is asked', async () => {
    const graph = heldGraph();
    await using gateway = await startGatewayTester(graph);
    const client = askAndLeave(gateway.url, '{ thing { size } }');
    await graph.arrived.promise;
    expect(graph.isCancelled()).toBe(false);
    await client.leave();
    await graph.cancelled.promise;
    graph.hold.release();
    // Whole answers pass through both subgraphs again: had the first query gone on, it would have been there by now.
    expect((await gateway.query('{ thing { size } }')).data).toEqual({ thing: { size: 1 } });
    expect(gateway.subgraph('second').received).toHaveLength(1);
  });

  it('does not stop its mutation half-way', async () => {
    const graph = heldGraph();
    await using gateway = await startGatewayTester(graph);
    const client = askAndLeave(gateway.url, 'mutation { write writeToo }');
    await graph.arrived.promise;
    await client.leave();
    // The gateway has had a whole exchange's time to see the client go.
    await (await fetch(gateway.url.replace('/graphql', '/health/live'))).json();
    expect(graph.isCancelled()).toBe(false);
    graph.hold.release();
    await until('the second write has been sent', () => gateway.subgraph('second').received.length === 1);
    expect(gateway.subgraph('first').received).toHaveLength(1);
    expect(graph.isCancelled()).toBe(false);
  });

  it('is nothing to log as an error', async () => {
    const graph = heldGraph();
    const { logger, lines } = recordingLogger();
    await using gateway = await startGatewayTester({ ...graph, logger });
    const client = askAndLeave(gateway.url, '{ thing { size } }');
    await graph.arrived.promise;
    await client.leave();
    await graph.cancelled.promise;
    graph.hold.release();
    await gateway.query('{ thing { size } }');
    expect(lines.filter(({ level }) => Number(level) >= 40)).toEqual([]);
  });
});
