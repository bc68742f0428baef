import type { Client } from 'graphql-ws';
import type { GatewayConfigInput } from '../../../gateway/config.js';
import { CLOSE_CODES } from '../../../gateway/streaming/closeCodes.js';
import { type GatewayTester, startGatewayTester } from '../../support/gatewayTester.js';
import { graphqlSocketClient } from '../../support/graphqlSocketClient.js';
import { createRoomGraph, ROOM_CHANGES, type RoomGraph } from '../../support/roomGraph.js';
import { streamResults } from '../../support/streamResults.js';
import { startTestIssuer } from '../../support/testIssuer.js';
import { until } from '../../support/until.js';

describe('a subscription, when something fails', () => {
  let graph: RoomGraph;
  let tester: GatewayTester;
  let client: Client;
  const start = async (config: GatewayConfigInput = {}, params: Record<string, unknown> = {}) => {
    graph = createRoomGraph();
    tester = await startGatewayTester({ subgraphs: graph.subgraphs, config });
    client = graphqlSocketClient(tester.url, params);
  };
  afterEach(async () => {
    await client.dispose();
    await tester[Symbol.asyncDispose]();
  });
  const subscribed = (count = 1) =>
    until('the subgraph has its subscribers', () => graph.changes.listeners === count);
  const subgraph = () => tester.subgraph('sensors').socket;

  it.each([
    ['graphql-ws', 'socket'],
    ['sse', 'eventStreams'],
  ] as const)(
    'goes on after its connection over %s broke, and tells with the next event that some may be missing',
    async (subscriptionProtocol, door) => {
      await start({ subgraphs: { byName: { sensors: { subscriptionProtocol } } } });
      const stream = streamResults(client, ROOM_CHANGES);
      await subscribed();
      graph.changes.publish({ id: 'r1', temperature: 1 });
      expect((await stream.first(1))[0]?.extensions).toBeUndefined();
      expect(tester.subgraph('sensors')[door].received).toHaveLength(1);
      // It stays away until something was missed.
      tester.subgraph('sensors')[door].refuse(true);
      tester.subgraph('sensors')[door].cut();
      await subscribed(0);
      graph.changes.publish({ id: 'missed', temperature: 2 });
      tester.subgraph('sensors')[door].refuse(false);
      await subscribed();
      graph.changes.publish({ id: 'r2', temperature: 3 });
      graph.changes.publish({ id: 'r3', temperature: 4 });
      const [, second, third] = await stream.first(3);
      expect(second).toMatchObject({
        data: { roomChanged: { id: 'r2', name: 'room r2' } },
        extensions: { headgate: { mayHaveMissed: true } },
      });
      expect(third).toMatchObject({ data: { roomChanged: { id: 'r3' } } });
      expect(third?.extensions).toBeUndefined();
    },
  );

  it('ends with EVENTS_LOST instead, where that is configured', async () => {
    await start({ streaming: { endOnGap: true } });
    const stream = streamResults(client, ROOM_CHANGES);
    await subscribed();
    subgraph().cut();
    expect(await stream.failure()).toMatchObject([{ extensions: { code: 'EVENTS_LOST' } }]);
    await subscribed(0);
  });

  it('ends with SUBGRAPH_UNAVAILABLE when it cannot be had again in time', async () => {
    await start({ streaming: { upstreamRetryMs: 500 } });
    const stream = streamResults(client, ROOM_CHANGES);
    await subscribed();
    subgraph().refuse(true);
    subgraph().cut();
    expect(await stream.failure()).toMatchObject([
      { extensions: { code: 'SUBGRAPH_UNAVAILABLE', service: 'sensors' } },
    ]);
  });

  it('is refused at once by a subgraph that cannot be reached, and works when it is there again', async () => {
    await start();
    subgraph().refuse(true);
    expect(await streamResults(client, ROOM_CHANGES).failure()).toMatchObject([
      { extensions: { code: 'SUBGRAPH_UNAVAILABLE' } },
    ]);
    subgraph().refuse(false);
    const stream = streamResults(client, ROOM_CHANGES);
    await subscribed();
    graph.changes.publish({ id: 'r1', temperature: 1 });
    await stream.first(1);
  });

  it('tells an error of another subgraph with the event, and goes on', async () => {
    await start();
    graph.beforeName = (id) => {
      if (id === 'bad') throw new Error('no name today');
    };
    const stream = streamResults(client, ROOM_CHANGES);
    await subscribed();
    graph.changes.publish({ id: 'bad', temperature: 1 });
    graph.changes.publish({ id: 'good', temperature: 2 });
    const [bad, good] = await stream.first(2);
    expect(bad?.errors?.[0]).toMatchObject({
      message: 'Internal server error',
      path: ['roomChanged', 'name'],
      extensions: { code: 'INTERNAL_SERVER_ERROR' },
    });
    expect(good?.errors).toBeUndefined();
  });

  it('ends with EVENTS_LOST when other subgraphs are too slow for its events', async () => {
    await start({ streaming: { maxPendingEvents: 3 } });
    let release: () => void = () => undefined;
    const opened = new Promise<void>((resolve) => {
      release = resolve;
    });
    graph.beforeName = () => opened;
    const stream = streamResults(client, ROOM_CHANGES);
    await subscribed();
    for (let event = 0; event < 4; event++) graph.changes.publish({ id: `r${event}`, temperature: event });
    expect(await stream.failure()).toMatchObject([{ extensions: { code: 'EVENTS_LOST' } }]);
    expect(stream.results).toEqual([]);
    release();
  });

  it.each(['graphql-ws', 'sse'] as const)(
    'goes on through a burst of events that nobody else has to complete, over %s',
    async (subscriptionProtocol) => {
      const streaming = { maxPendingEvents: 3 };
      await start({ streaming, subgraphs: { byName: { sensors: { subscriptionProtocol } } } });
      const stream = streamResults(client, 'subscription { roomChanged { id } }');
      await subscribed();
      const ids = Array.from({ length: 100 }, (_, count) => `r${count}`);
      for (const id of ids) graph.changes.publish({ id, temperature: 1 });
      const results = await stream.first(ids.length);
      expect(results.map(({ data }) => data?.['roomChanged'])).toEqual(ids.map((id) => ({ id })));
    },
  );

  it('survives a new supergraph, and ends when its subgraph lives elsewhere', async () => {
    await start();
    const stream = streamResults(client, ROOM_CHANGES);
    await subscribed();
    await tester.source.publish(`${tester.supergraphSdl}\n# another text`);
    graph.changes.publish({ id: 'r1', temperature: 1 });
    await stream.first(1);
    const other = streamResults(client, ROOM_CHANGES);
    await until('the other one is subscribed', async () => {
      graph.changes.publish({ id: 'r2', temperature: 1 });
      await new Promise((resolve) => setTimeout(resolve, 20));
      return other.results.length > 0;
    });
    // The old and the new graph ask the subgraph the same.
    expect(graph.changes.listeners).toBe(1);
    const { url } = tester.subgraph('sensors');
    await tester.source.publish(tester.supergraphSdl.replaceAll(url, url.replace('127.0.0.1', 'localhost')));
    for (const ended of [stream, other]) {
      expect(await ended.failure()).toMatchObject([
        { extensions: { code: 'SUPERGRAPH_CHANGED', service: 'sensors' } },
      ]);
    }
  });

  it('is closed with a code that says to come again when the gateway is stopped', async () => {
    await start();
    const stream = streamResults(client, ROOM_CHANGES);
    await subscribed();
    const accept = 'text/event-stream';
    const response = await fetch(`${tester.url}?query=${encodeURIComponent(ROOM_CHANGES)}`, {
      headers: { accept },
    });
    const text = response.text();
    await tester.stopGateway();
    expect(await stream.failure()).toMatchObject({ code: CLOSE_CODES.goingAway.code });
    expect(await text).not.toContain('complete');
    await subscribed(0);
  });

  it('is closed when the token it came with expires, and a bad token does not connect', async () => {
    await using issuer = await startTestIssuer();
    const authorization = `Bearer ${await issuer.token('ada', { expiresIn: 3 })}`;
    await start({ identity: { jwt: issuer.jwtConfig } }, { authorization });
    const stream = streamResults(client, ROOM_CHANGES);
    await subscribed();
    expect(await stream.failure()).toMatchObject({ code: CLOSE_CODES.forbidden.code });
    await subscribed(0);
    const forged = graphqlSocketClient(tester.url, { authorization: 'Bearer forged' });
    expect(await streamResults(forged, ROOM_CHANGES).failure()).toMatchObject({
      code: CLOSE_CODES.forbidden.code,
    });
  });
});
