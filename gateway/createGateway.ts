import { ApolloServer } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginLandingPageDisabled,
} from '@apollo/server/plugin/disabled';
import type { GatewayGraphQLRequestContext } from '@apollo/server-gateway-interface';
import { errorMasking } from '../platform/errorMasking.js';
import { createApolloHandler } from '../platform/http/apolloHandler.js';
import type { RequestHandler } from '../platform/http/httpServer.js';
import type { Logger } from '../platform/logger.js';
import type { GatewayConfig } from './config.js';
import { executeRequest } from './executeRequest.js';
import { createRouter } from './http/createRouter.js';
import { createReadyHandler, liveHandler, type Readiness } from './http/health.js';
import { createRequestContext, type RequestContext } from './requestContext.js';
import { buildSnapshot } from './supergraph/snapshot.js';
import { createSupergraphGateway } from './supergraph/supergraphGateway.js';
import type { SupergraphSource } from './supergraph/supergraphSource.js';
import { createSubgraphClients } from './upstream/subgraphClients.js';

export interface GatewayOptions {
  readonly config: GatewayConfig;
  readonly source: SupergraphSource;
  readonly logger: Logger;
}

export interface Gateway {
  /** Serves `/graphql`, `/health/live` and `/health/ready`. */
  readonly handler: RequestHandler;
  readiness(): Readiness;
  /** From now on not ready, so that load balancers look elsewhere; requests are still answered. */
  startDraining(): void;
  /** Lets requests to subgraphs finish and lets go of everything. */
  close(): Promise<void>;
}

/** Wires a gateway; whoever calls it listens. Rejects when the first supergraph cannot be loaded, and says why. */
export async function createGateway({ config, source, logger }: GatewayOptions): Promise<Gateway> {
  const clients = createSubgraphClients(config);
  const supergraph = createSupergraphGateway({
    source,
    logger,
    buildSnapshot: (sdl) => buildSnapshot(sdl, config),
    execute: (snapshot, request) =>
      executeRequest(
        snapshot,
        clients.fetchFor(snapshot),
        request as GatewayGraphQLRequestContext<RequestContext>,
      ),
  });
  const masking = errorMasking(logger, (code) => isDeliberate(code, config));
  const server = new ApolloServer<RequestContext>({
    gateway: supergraph,
    introspection: config.introspection,
    includeStacktraceInErrorResponses: false,
    formatError: masking.formatError,
    plugins: [
      masking.plugin,
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginLandingPageDisabled(),
    ],
    logger,
    stopOnTerminationSignals: false,
    nodeEnv: 'production',
  });
  await server.start();

  let draining = false;
  const readiness = (): Readiness => ({
    ready: !draining && supergraph.current !== undefined,
    supergraph: supergraph.current?.id ?? null,
    subgraphs: clients.states(),
  });
  const graphql = createApolloHandler({
    server,
    maxBodyBytes: config.maxBodyBytes,
    createContext: (request, response) => createRequestContext(config, request, response),
  });
  return {
    handler: createRouter({
      '/graphql': graphql,
      '/health/live': liveHandler,
      '/health/ready': createReadyHandler(readiness),
    }),
    readiness,
    startDraining() {
      draining = true;
    },
    async close() {
      await server.stop();
      await clients.close();
    },
  };
}

/** A subgraph that names a code chose to tell; these two are what servers put on everything they did not expect. */
function isDeliberate(code: unknown, config: GatewayConfig): boolean {
  if (code === 'INTERNAL_SERVER_ERROR' || code === 'DOWNSTREAM_SERVICE_ERROR')
    return config.exposeSubgraphErrors;
  return code !== undefined;
}
