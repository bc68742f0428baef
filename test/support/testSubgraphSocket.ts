import type { IncomingHttpHeaders } from 'node:http';
import type { GraphQLSchema } from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { type WebSocket, WebSocketServer } from 'ws';
import type { UpgradeHandler } from '../../platform/http/httpServer.js';

export interface ReceivedSubscription {
  readonly query: string;
  readonly variables: Record<string, unknown>;
  readonly headers: IncomingHttpHeaders;
  readonly connectionParams: Readonly<Record<string, unknown>>;
  readonly extensions: Readonly<Record<string, unknown>>;
}

/** Where a test subgraph takes subscriptions, by whatever protocol. */
export interface SubscriptionDoor {
  /** All that came, oldest first. */
  readonly received: readonly ReceivedSubscription[];
  /** How many connections there are now. */
  readonly connections: number;
  /** As when the network fails. */
  cut(): void;
  /** While `true`, connections are refused. */
  refuse(isRefused: boolean): void;
}

/** The WebSockets of a test subgraph. */
export interface TestSubgraphSocket extends SubscriptionDoor {
  readonly upgrade: UpgradeHandler;
  close(): void;
}

/** `graphql-transport-ws` with graphql-js and the server of `graphql-ws`, nothing of ours. */
export function createTestSubgraphSocket(schema: GraphQLSchema): TestSubgraphSocket {
  const server = new WebSocketServer({ noServer: true });
  const received: ReceivedSubscription[] = [];
  let refused = false;
  useServer<Record<string, unknown>, { socket: WebSocket; request: { headers: IncomingHttpHeaders } }>(
    {
      schema,
      onSubscribe({ extra, connectionParams }, _id, { query, variables, extensions }) {
        const { headers } = extra.request;
        received.push({
          query,
          variables: variables ?? {},
          headers,
          connectionParams: connectionParams ?? {},
          extensions: extensions ?? {},
        });
      },
    },
    server,
  );
  return {
    upgrade(request, socket, head) {
      if (refused) {
        socket.destroy();
        return;
      }
      server.handleUpgrade(request, socket, head, (webSocket) =>
        server.emit('connection', webSocket, request),
      );
    },
    received,
    get connections() {
      return server.clients.size;
    },
    cut() {
      for (const client of server.clients) client.terminate();
    },
    refuse(isRefused) {
      refused = isRefused;
    },
    close() {
      for (const client of server.clients) client.terminate();
    },
  };
}
