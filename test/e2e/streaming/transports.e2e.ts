import { ApolloClient, gql, HttpLink, InMemoryCache } from '@apollo/client';
import { fetchExchange, Client as UrqlClient } from '@urql/core';
import { createClient as createSseClient } from 'graphql-sse';
import { meros } from 'meros/browser';
import { type GatewayTester, startGatewayTester } from '../../support/gatewayTester.js';
import { graphqlSocketClient } from '../../support/graphqlSocketClient.js';
import { createRoomGraph, ROOM_CHANGES, type RoomGraph } from '../../support/roomGraph.js';
import { until } from '../../support/until.js';

/** Starts a subscription with a real client. @returns a function that stops it */
type Subscribe = (
  url: string,
  query: string,
  onResult: (data: unknown) => void,
  onEnd: () => void,
) => () => void;

const overWebSocket: Subscribe = (url, query, onResult, onEnd) => {
  const client = graphqlSocketClient(url);
  const sink = { next: ({ data }: { data?: unknown }) => onResult(data), error: onEnd, complete: onEnd };
  client.subscribe({ query }, sink);
  return () => void client.dispose();
};

const overSse: Subscribe = (url, query, onResult, onEnd) => {
  const client = createSseClient({ url, retryAttempts: 0 });
  const stop = client.subscribe(
    { query },
    { next: ({ data }) => onResult(data), error: onEnd, complete: onEnd },
  );
  return () => {
    stop();
    client.dispose();
  };
};

const withApolloClient: Subscribe = (url, query, onResult, onEnd) => {
  const client = new ApolloClient({ link: new HttpLink({ uri: url }), cache: new InMemoryCache() });
  const subscription = client.subscribe({ query: gql(query), fetchPolicy: 'no-cache' }).subscribe({
    next: ({ data }) => onResult(data),
    error: onEnd,
    complete: onEnd,
  });
  return () => {
    subscription.unsubscribe();
    client.stop();
  };
};

const withMeros: Subscribe = (url, query, onResult, onEnd) => {
  const stopped = new AbortController();
  const accept = 'multipart/mixed;boundary=graphql;subscriptionSpec=1.0,application/json';
  const read = async () => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { accept, 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
      signal: stopped.signal,
    });
    const parts = await meros<{ payload?: { data?: unknown } }>(response);
    if (!(Symbol.asyncIterator in parts)) throw new Error(`got ${response.status}, and no parts`);
    for await (const part of parts) {
      if (part.json && part.body.payload) onResult(part.body.payload.data);
    }
  };
  read().then(onEnd, onEnd);
  return () => stopped.abort();
};

const withUrql: Subscribe = (url, query, onResult, onEnd) => {
  const client = new UrqlClient({
    url,
    exchanges: [fetchExchange],
    fetchSubscriptions: true,
    preferGetMethod: false,
  });
  const { unsubscribe } = client.subscription(query, {}).subscribe(({ data, error }) => {
    if (error) onEnd();
    else if (data) onResult(data);
  });
  return unsubscribe;
};

const TRANSPORTS: readonly (readonly [string, Subscribe])[] = [
  ['WebSocket, with graphql-ws', overWebSocket],
  ['SSE, with graphql-sse', overSse],
  ['multipart, with Apollo Client', withApolloClient],
  ['multipart, with meros', withMeros],
  ['SSE or multipart, with urql', withUrql],
];

describe('a subscription', () => {
  let graph: RoomGraph;
  let tester: GatewayTester;
  beforeAll(async () => {
    graph = createRoomGraph();
    tester = await startGatewayTester({
      subgraphs: graph.subgraphs,
      config: { streaming: { heartbeatMs: 100 } },
    });
  });
  afterAll(() => tester[Symbol.asyncDispose]());

  describe.each(TRANSPORTS)('over %s', (_name, subscribe) => {
    it('brings each event in order, completed by another subgraph, and ends where nobody listens', async () => {
      const results: unknown[] = [];
      const stop = subscribe(
        tester.url,
        ROOM_CHANGES,
        (data) => results.push(data),
        () => undefined,
      );
      await until('the subgraph has a subscriber', () => graph.changes.listeners === 1);
      // The first name comes late, and the order stays.
      let isFirst = true;
      let release: () => void = () => undefined;
      graph.beforeName = () => {
        if (!isFirst) return undefined;
        isFirst = false;
        return new Promise<void>((resolve) => {
          release = resolve;
        });
      };
      graph.changes.publish({ id: 'r1', temperature: 21 });
      await until('the first name is asked for', () => !isFirst);
      graph.changes.publish({ id: 'r2', temperature: 22 });
      const asked = tester.subgraph('names').received.length;
      await until('the second name is asked for', () => tester.subgraph('names').received.length > asked);
      release();
      await until('both came', () => results.length === 2);
      expect(results).toEqual([
        { roomChanged: { __typename: 'Room', id: 'r1', temperature: 21, name: 'room r1' } },
        { roomChanged: { __typename: 'Room', id: 'r2', temperature: 22, name: 'room r2' } },
      ]);
      stop();
      await until('the subgraph has no subscriber', () => graph.changes.listeners === 0);
      await until(
        'the connection to it is closed',
        () => tester.subgraph('sensors').socket.connections === 0,
      );
    });

    it('is complete when the subgraph ends it', async () => {
      let isOver = false;
      const stop = subscribe(
        tester.url,
        ROOM_CHANGES,
        () => undefined,
        () => {
          isOver = true;
        },
      );
      await until('the subgraph has a subscriber', () => graph.changes.listeners === 1);
      graph.changes.end();
      // urql subscribes again by itself, without a word.
      await until('it is over', () => isOver || subscribe === withUrql);
      stop();
      await until('the subgraph has no subscriber', () => graph.changes.listeners === 0);
    });
  });
});
