import type { IncomingHttpHeaders } from 'node:http';
import { buildSubgraphSchema } from '@apollo/subgraph';
import {
  execute,
  GraphQLError,
  type GraphQLFieldResolver,
  type GraphQLSchema,
  parse,
  validate,
} from 'graphql';
import { type HttpServer, listen, type RequestHandler } from '../../platform/http/httpServer.js';
import { readBody } from '../../platform/http/readBody.js';
import { sendJson } from '../../platform/http/sendJson.js';
import { silentLogger } from '../../platform/logger.js';
import { createTestSubgraphEventStreams } from './testSubgraphEventStreams.js';
import {
  createTestSubgraphSocket,
  type SubscriptionDoor,
  type TestSubgraphSocket,
} from './testSubgraphSocket.js';

type Resolvers = Record<string, unknown>;

export interface TestSubgraphDefinition {
  readonly name: string;
  readonly typeDefs: string;
  readonly resolvers?: Resolvers;
  /** Stands in front of the subgraph, for faults: call `next` to let the request through. */
  readonly intercept?: (
    request: Parameters<RequestHandler>[0],
    response: Parameters<RequestHandler>[1],
    next: () => Promise<void>,
  ) => void | Promise<void>;
}

/** What resolvers get. */
export interface TestSubgraphContext {
  readonly headers: IncomingHttpHeaders;
  /** Goes out beside the data, when it has something. */
  readonly extensions: Record<string, unknown>;
  setHeader(name: string, value: string): void;
}

export interface ReceivedRequest {
  readonly query: string;
  readonly variables: Record<string, unknown> | undefined;
  readonly operationName: string | undefined;
  readonly headers: IncomingHttpHeaders;
}

export interface TestSubgraph {
  readonly name: string;
  readonly url: string;
  readonly typeDefs: string;
  /** All that came, oldest first. */
  readonly received: readonly ReceivedRequest[];
  /** Where it takes subscriptions over WebSockets. */
  readonly socket: TestSubgraphSocket;
  /** Where it takes subscriptions over SSE. */
  readonly eventStreams: SubscriptionDoor;
  close(): Promise<void>;
}

export function testSubgraphSchema({
  typeDefs,
  resolvers = {},
}: Pick<TestSubgraphDefinition, 'typeDefs' | 'resolvers'>): GraphQLSchema {
  return buildSubgraphSchema({
    typeDefs: parse(typeDefs),
    resolvers: resolvers as Record<string, Record<string, GraphQLFieldResolver<unknown, unknown>>>,
  });
}

/** A subgraph on a real port that remembers what it was asked, and answers as graphql-js does, nothing masked. */
export async function startTestSubgraph(definition: TestSubgraphDefinition): Promise<TestSubgraph> {
  const schema = testSubgraphSchema(definition);
  const received: ReceivedRequest[] = [];
  const { intercept } = definition;
  const socket = createTestSubgraphSocket(schema);
  const eventStreams = createTestSubgraphEventStreams(schema);
  const server: HttpServer = await listen({
    port: 0,
    logger: silentLogger(),
    drainTimeoutMs: 100,
    upgrade: socket.upgrade,
    async handler(request, response) {
      if (eventStreams.takes(request)) return eventStreams.handle(request, response);
      const answer = async () => {
        const body = JSON.parse((await readBody(request, 10_000_000)).toString()) as Omit<
          ReceivedRequest,
          'headers'
        >;
        received.push({ ...body, headers: request.headers });
        const document = parse(body.query);
        const context: TestSubgraphContext = {
          headers: request.headers,
          extensions: {},
          setHeader: (name, value) => void response.setHeader(name, value),
        };
        // A gateway that sends what the subgraph's schema does not allow must not pass a test.
        const faults = validate(schema, document);
        const result =
          faults.length > 0
            ? { errors: faults }
            : await execute({
                schema,
                document,
                variableValues: body.variables,
                operationName: body.operationName,
                contextValue: context,
              });
        sendJson(response, 200, {
          ...result,
          ...(Object.keys(context.extensions).length > 0 && { extensions: context.extensions }),
          errors: result.errors?.map((error) => (error instanceof GraphQLError ? error.toJSON() : error)),
        });
      };
      await (intercept ? intercept(request, response, answer) : answer());
    },
  });
  return {
    name: definition.name,
    url: `${server.url}/graphql`,
    typeDefs: definition.typeDefs,
    received,
    socket,
    eventStreams,
    close: () => {
      eventStreams.cut();
      socket.close();
      return server.close();
    },
  };
}
