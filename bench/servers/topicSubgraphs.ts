import { buildSubgraphSchema } from '@apollo/subgraph';
import { execute, type GraphQLSchema, parse } from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import { listen } from '../../platform/http/httpServer.js';
import { readBody } from '../../platform/http/readBody.js';
import { createLogger, silentLogger } from '../../platform/logger.js';
import { NAMES_SCHEMA, nameOf, preciseNow, TOPICS_SCHEMA } from '../subscribers/topicGraph.js';

interface Reference {
  readonly id: string;
}
type Listener = (sentAt: number) => void;

const listeners = new Map<string, Set<Listener>>();

async function* changesOf(id: string): AsyncGenerator<{ id: string; sentAt: number }> {
  const waiting: number[] = [];
  let wake: () => void = () => undefined;
  const listener: Listener = (sentAt) => {
    waiting.push(sentAt);
    wake();
  };
  const all = listeners.get(id) ?? new Set();
  listeners.set(id, all.add(listener));
  try {
    for (;;) {
      const sentAt = waiting.shift();
      if (sentAt !== undefined) yield { id, sentAt };
      else
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
    }
  } finally {
    all.delete(listener);
  }
}

const topics = buildSubgraphSchema({
  typeDefs: parse(TOPICS_SCHEMA),
  resolvers: {
    Query: { topic: (_: unknown, { id }: Reference) => ({ id, sentAt: 0 }) },
    Subscription: {
      topicChanged: {
        subscribe: (_: unknown, { id }: Reference) => changesOf(id),
        resolve: (event: unknown) => event,
      },
    },
  } as never,
});
const names = buildSubgraphSchema({
  typeDefs: parse(NAMES_SCHEMA),
  resolvers: { Topic: { __resolveReference: ({ id }: Reference) => ({ id, name: nameOf(id) }) } },
});

/** Publishes so many events a second, evenly, topic after topic. */
function publish(perSecond: number, topicCount: number): void {
  const startedAt = performance.now();
  let published = 0;
  setInterval(() => {
    const due = Math.floor(((performance.now() - startedAt) / 1000) * perSecond);
    for (; published < due; published++) {
      for (const listener of listeners.get(String(published % topicCount)) ?? []) listener(preciseNow());
    }
  }, 5);
}

/** Both subgraphs of the bench of subscribers in one process. Names may be kept for an hour. Silent until `/publish`. */
async function main(perSecond: number, topicCount: number): Promise<void> {
  const sockets = new WebSocketServer({ noServer: true });
  useServer({ schema: topics }, sockets);
  const schemas: Readonly<Record<string, GraphQLSchema>> = { '/topics': topics, '/names': names };
  const server = await listen({
    port: 0,
    logger: silentLogger(),
    upgrade: (request, socket, head) =>
      sockets.handleUpgrade(request, socket, head, (webSocket) =>
        sockets.emit('connection', webSocket, request),
      ),
    async handler(request, response) {
      if (request.url === '/publish') {
        publish(perSecond, topicCount);
        response.writeHead(204).end();
        return;
      }
      const { query, variables } = JSON.parse((await readBody(request, 10_000_000)).toString()) as {
        query: string;
        variables: Record<string, unknown>;
      };
      const schema = schemas[request.url ?? ''] as GraphQLSchema;
      const body = JSON.stringify(
        await execute({ schema, document: parse(query), variableValues: variables }),
      );
      response.writeHead(200, {
        'content-type': 'application/json',
        'cache-control': 'public, max-age=3600',
        'content-length': Buffer.byteLength(body),
      });
      response.end(body);
    },
  });
  createLogger({ name: 'topics', format: 'json' }).info({ url: server.url }, 'the subgraphs answer');
  process.once('SIGTERM', () => process.exit());
}

void main(Number(process.argv[2]), Number(process.argv[3]));
