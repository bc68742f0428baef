import type { IncomingMessage, ServerResponse } from 'node:http';
import type { GraphQLSchema } from 'graphql';
import { createHandler } from 'graphql-sse/lib/use/http';
import type { ReceivedSubscription, SubscriptionDoor } from './testSubgraphSocket.js';

/** The streams over SSE of a test subgraph. */
export interface TestSubgraphEventStreams extends SubscriptionDoor {
  takes(request: IncomingMessage): boolean;
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
}

/** GraphQL over SSE with graphql-js and the handler of `graphql-sse`, nothing of ours but heartbeats that come often. */
export function createTestSubgraphEventStreams(schema: GraphQLSchema): TestSubgraphEventStreams {
  const received: ReceivedSubscription[] = [];
  const open = new Set<ServerResponse>();
  let refused = false;
  const handler = createHandler({
    schema,
    onSubscribe({ raw }, { query, variables, extensions }) {
      received.push({
        query,
        variables: variables ?? {},
        headers: raw.headers,
        connectionParams: {},
        extensions: extensions ?? {},
      });
    },
  });
  return {
    takes: ({ headers }) => headers.accept === 'text/event-stream',
    async handle(request, response) {
      if (refused) {
        request.socket.destroy();
        return;
      }
      open.add(response);
      const heartbeat = setInterval(() => response.headersSent && response.write(':\n\n'), 20);
      response.once('close', () => {
        clearInterval(heartbeat);
        open.delete(response);
      });
      await handler(request, response);
    },
    received,
    get connections() {
      return open.size;
    },
    cut() {
      for (const response of open) response.destroy();
    },
    refuse(isRefused) {
      refused = isRefused;
    },
  };
}
