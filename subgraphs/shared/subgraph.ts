import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { ApolloServer } from '@apollo/server';
import {
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
} from '@apollo/server/plugin/disabled';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { type GraphQLSchema, parse } from 'graphql';
import type { ChangeEvent } from '../../platform/database/database.js';
import { errorMasking } from '../../platform/errorMasking.js';
import { createApolloHandler } from '../../platform/http/apolloHandler.js';
import type { RequestHandler, UpgradeHandler } from '../../platform/http/httpServer.js';
import { refuseUpgrade } from '../../platform/http/refuseUpgrade.js';
import { requestIdOf } from '../../platform/http/requestId.js';
import { sendJson } from '../../platform/http/sendJson.js';
import type { Logger } from '../../platform/logger.js';
import { sameSecret } from '../../platform/sameSecret.js';
import { changedTagsPlugin } from './changedTagsPlugin.js';
import type { ChangeSource } from './changeSource.js';
import { createGraphqlSocket } from './graphqlSocket.js';
import { createInvalidationSchema } from './invalidationFeed.js';
import { createSubgraphContext, type SubgraphContext } from './subgraphContext.js';

/** Resolvers by type and field, as `@apollo/subgraph` takes them. */
export type Resolvers = NonNullable<SchemaModule['resolvers']>;
type SchemaModule = Extract<
  Extract<Parameters<typeof buildSubgraphSchema>[0], readonly unknown[]>[number],
  { resolvers?: unknown }
>;

export interface SubgraphOptions<C extends SubgraphContext> {
  readonly name: string;
  /** SDL with its `@link` to the federation specification. */
  readonly typeDefs: string;
  readonly resolvers: Resolvers;
  /** Adds to each request what this subgraph's resolvers need, loaders above all. */
  createContext(base: SubgraphContext): C;
  /** The one change stream of the process. Whoever made it closes it. */
  readonly changes: ChangeSource;
  /** What a change makes stale, from the images before and after it, or from the id alone when they are gone. */
  tagsOf(event: ChangeEvent): readonly string[];
  /** Gateways that read `/invalidations` send it as `Bearer` in `connection_init`. */
  readonly feedToken: string;
  readonly identitySecret: string;
  /** Further handlers by path prefix, such as `/images/`. */
  readonly routes?: Readonly<Record<string, RequestHandler>>;
  /** @default 1 MiB */
  readonly maxBodyBytes?: number;
  readonly logger: Logger;
  /** Rejects while requests could not be answered. */
  ready(): Promise<void>;
}

/** Everything about a subgraph but listening. */
export interface Subgraph {
  readonly name: string;
  readonly schema: GraphQLSchema;
  readonly handler: RequestHandler;
  readonly upgrade: UpgradeHandler;
  readonly logger: Logger;
  /** From now on not ready; ends every subscription. Requests are still answered. */
  drain(): Promise<void>;
  /** Once no request comes any more. */
  dispose(): Promise<void>;
}

/**
 * HTTP: `/graphql`, `/health/live`, `/health/ready`, and `routes`.
 * WebSocket: `/graphql` for subscriptions of the graph, `/invalidations` for the feed that gateways read.
 */
export function createSubgraph<C extends SubgraphContext>(options: SubgraphOptions<C>): Subgraph {
  const { name, logger, identitySecret, routes = {} } = options;
  const schema = buildSubgraphSchema([{ typeDefs: parse(options.typeDefs), resolvers: options.resolvers }]);
  const masking = errorMasking(logger);
  const server = new ApolloServer<C>({
    schema,
    formatError: masking.formatError,
    plugins: [
      masking.plugin,
      changedTagsPlugin(),
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginInlineTraceDisabled(),
    ],
    persistedQueries: false,
    introspection: true,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    logger,
  });
  server.startInBackgroundHandlingStartupErrorsByLoggingAndFailingAllRequests();

  const contextOf = (
    request: IncomingMessage,
    header: (name: string) => unknown,
    extensions?: Readonly<Record<string, unknown>>,
  ): C =>
    options.createContext(
      createSubgraphContext({ requestId: requestIdOf(request), header, extensions, identitySecret, logger }),
    );
  const graphql = createApolloHandler<C>({
    server,
    createContext: (request) => contextOf(request, (header) => request.headers[header]),
    maxBodyBytes: options.maxBodyBytes ?? 1024 * 1024,
  });
  const subscriptions = createGraphqlSocket({
    schema,
    logger,
    // A gateway sends the subscriptions of many clients over one socket, so an operation may carry its own headers.
    createContext: ({ request, connectionParams, extensions }) => {
      const own = (extensions['headers'] ?? {}) as Record<string, unknown>;
      return contextOf(
        request,
        (header) => own[header] ?? connectionParams[header] ?? request.headers[header],
        extensions,
      );
    },
  });
  const feed = createGraphqlSocket({
    schema: createInvalidationSchema(name, options.changes, options.tagsOf),
    logger,
    authorize: ({ authorization }) =>
      typeof authorization === 'string' && sameSecret(authorization, `Bearer ${options.feedToken}`),
    createContext: ({ request }) => ({ requestId: requestIdOf(request) }),
  });
  let draining = false;

  return {
    name,
    schema,
    logger,
    async handler(request, response) {
      const path = pathOf(request);
      if (path === '/graphql') return graphql(request, response);
      if (path === '/health/live') return sendJson(response, 200, { status: 'live' });
      if (path === '/health/ready') {
        const fault = draining ? 'draining' : await faultOf(options.ready);
        return sendJson(
          response,
          fault ? 503 : 200,
          fault ? { status: 'not ready', reason: fault } : { status: 'ready' },
        );
      }
      for (const [prefix, route] of Object.entries(routes)) {
        if (path.startsWith(prefix)) return route(request, response);
      }
      sendJson(response, 404, { errors: [{ message: 'There is nothing here.' }] });
    },
    upgrade(request, socket: Duplex, head) {
      const path = pathOf(request);
      if (path === '/graphql' && !draining) return subscriptions.upgrade(request, socket, head);
      if (path === '/invalidations' && !draining) return feed.upgrade(request, socket, head);
      refuseUpgrade(socket, draining ? 503 : 404);
    },
    async drain() {
      draining = true;
      await Promise.all([subscriptions.close(), feed.close()]);
    },
    async dispose() {
      await server.stop();
    },
  };
}

function pathOf(request: IncomingMessage): string {
  return (request.url ?? '/').split('?', 1)[0] as string;
}

async function faultOf(ready: () => Promise<void>): Promise<string | undefined> {
  try {
    await ready();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
