import { type Client, createClient } from 'graphql-ws';
import { WebSocket } from 'ws';

/** A client of `graphql-transport-ws` that never connects twice, so that a refusal is seen as one. */
export function graphqlSocketClient(url: string, connectionParams: Record<string, unknown> = {}): Client {
  return createClient({
    url: url.replace(/^http/, 'ws'),
    webSocketImpl: WebSocket,
    connectionParams,
    retryAttempts: 0,
  });
}
