import type { Client } from 'graphql-ws';
import { type GatewayTester, startGatewayTester } from '../../support/gatewayTester.js';
import { graphqlSocketClient } from '../../support/graphqlSocketClient.js';
import { held } from '../../support/held.js';
import { createRoomGraph, type RoomGraph } from '../../support/roomGraph.js';
import { type StreamResults, streamResults } from '../../support/streamResults.js';
import { until } from '../../support/until.js';

const NAMED = 'subscription { roomChanged { id name } }';

describe('equal subscribers', () => {
  let graph: RoomGraph;
  let tester: GatewayTester;
  let clients: Client[];
  beforeAll(async () => {
    graph = createRoomGraph();
    tester = await startGatewayTester({
      subgraphs: graph.subgraphs,
      config: {
        propagateHeaders: ['x-tenant'],
        identity: { trustedHeader: 'x-user', secret: 'at-least-16-characters' },
        streaming: { trustConnectionParams: true },
        // Who asks matters to the names alone.
        subgraphs: { byName: { sensors: { forwardIdentity: false } } },
      },
    });
  });
  afterAll(() => tester[Symbol.asyncDispose]());
  beforeEach(() => {
    clients = [];
  });
  afterEach(async () => {
    for (const client of clients) await client.dispose();
    await until('nobody is subscribed', () => graph.changes.listeners === 0);
  });

  const subscribe = (query: string, params: Record<string, unknown> = {}): StreamResults => {
    const client = graphqlSocketClient(tester.url, params);
    clients.push(client);
    return streamResults(client, query);
  };
  const has = (text: string) => (stream: StreamResults) => JSON.stringify(stream.results).includes(text);
  /** Publishes until all of them have got something: nothing else tells that they are subscribed. */
  const begin = async (all: readonly StreamResults[]) => {
    await until('all are subscribed', async () => {
      graph.changes.publish({ id: 'begin', temperature: 0 });
      await new Promise((resolve) => setTimeout(resolve, 20));
      return all.every(({ results }) => results.length > 0);
    });
    // And until all of that is through.
    graph.changes.publish({ id: 'begun', temperature: 0 });
    await until('nothing is under way', () => all.every(has('begun')));
  };
  const askedForNames = () => tester.subgraph('names').received.length;

  it('share one subscription, and one execution for each event', async () => {
    const before = tester.subgraph('sensors').socket.received.length;
    const all = Array.from({ length: 5 }, () => subscribe(NAMED));
    await begin(all);
    expect(tester.subgraph('sensors').socket.received).toHaveLength(before + 1);
    const asked = askedForNames();
    graph.changes.publish({ id: 'shared', temperature: 1 });
    await until('all have it', () => all.every(has('room shared')));
    expect(askedForNames()).toBe(asked + 1);
    clients[0]?.terminate();
    graph.changes.publish({ id: 'without', temperature: 1 });
    await until('the others have it', () => all.slice(1).every(has('room without')));
  });

  it('share the subscription where only what others add differs', async () => {
    const before = tester.subgraph('sensors').socket.received.length;
    const all = [subscribe(NAMED), subscribe('subscription { roomChanged { id title: name } }')];
    await begin(all);
    expect(tester.subgraph('sensors').socket.received).toHaveLength(before + 1);
    graph.changes.publish({ id: 'r1', temperature: 1 });
    await until('one has its name', () => has('"name":"room r1"')(all[0] as StreamResults));
    await until('the other has its title', () => has('"title":"room r1"')(all[1] as StreamResults));
  });

  it('are told nothing of before they came, although it is completed only now', async () => {
    const first = subscribe(NAMED);
    await begin([first]);
    const names = held();
    graph.beforeName = (id) => (id === 'old' ? names.promise : undefined);
    const asked = askedForNames();
    graph.changes.publish({ id: 'old', temperature: 1 });
    await until('it is being completed', () => askedForNames() === asked + 1);
    const second = subscribe(NAMED);
    await until('both are there', async () => {
      const subscribers = await tester.samples('headgate_stream_subscribers');
      return subscribers.some(({ value }) => value === 2);
    });
    names.release();
    graph.changes.publish({ id: 'new', temperature: 1 });
    await until('both have what came later', () => [first, second].every(has('room new')));
    expect([first, second].map(has('room old'))).toEqual([true, false]);
  });

  it('are not equal when a subgraph is told who they are: they share the subscription, not the result', async () => {
    const before = tester.subgraph('sensors').socket.received.length;
    const all = [subscribe(NAMED, { 'x-user': 'ada' }), subscribe(NAMED, { 'x-user': 'grace' })];
    await begin(all);
    expect(tester.subgraph('sensors').socket.received).toHaveLength(before + 1);
    const asked = askedForNames();
    graph.changes.publish({ id: 'personal', temperature: 1 });
    await until('both have it', () => all.every(has('room personal')));
    const identities = tester
      .subgraph('names')
      .received.slice(asked)
      .map(({ headers }) => headers['headgate-identity']);
    expect(new Set(identities).size).toBe(2);
  });

  it('are not equal with other headers or variables', async () => {
    const before = tester.subgraph('sensors').socket.received.length;
    const all = [
      subscribe(NAMED, { 'x-tenant': 'blue' }),
      subscribe(NAMED, { 'x-tenant': 'red' }),
      subscribe('subscription { roomChanged(id: "r1") { id name } }'),
    ];
    await begin(all);
    expect(tester.subgraph('sensors').socket.received).toHaveLength(before + 3);
  });
});
