import { ApolloServer } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginLandingPageDisabled,
} from '@apollo/server/plugin/disabled';
import type { GatewayGraphQLRequestContext } from '@apollo/server-gateway-interface';
import type { RequestHandler, UpgradeHandler } from '../platform/http/httpServer.js';
import type { Logger } from '../platform/logger.js';
import { openTracing } from '../platform/tracing/openTracing.js';
import { formatTraceparent } from '../platform/tracing/traceContext.js';
import { traceHttp } from '../platform/tracing/traceHttp.js';
import type { Span } from '../platform/tracing/tracing.js';
import { createOperationLimits } from './admission/createOperationLimits.js';
import { createRequestBounds } from './admission/createRequestBounds.js';
import { type Caching, createCaching, type GatewayPeers } from './cache/createCaching.js';
import type { Fence } from './cache/fence.js';
import type { GatewayConfig } from './config.js';
import { createCostControl } from './cost/createCostControl.js';
import { executeRequest } from './executeRequest.js';
import { createExplorer } from './explorer/createExplorer.js';
import { EXPLORER_PATH } from './explorer/createExplorerHandler.js';
import { createAnswerInParts } from './http/answerInParts.js';
import { createRouter } from './http/createRouter.js';
import { createDirectExecution, type DirectExecutionOptions } from './http/executeDirectly.js';
import { executeOnServer } from './http/executeOnServer.js';
import { createGraphqlHandler } from './http/graphqlHandler.js';
import { createReadyHandler, liveHandler, type Readiness } from './http/health.js';
import { createLoadShedder } from './http/loadShedder.js';
import { registryDetail } from './http/registryDetail.js';
import { withCors } from './http/withCors.js';
import { createAuthenticator } from './identity/createAuthenticator.js';
import { maskForClients } from './maskForClients.js';
import { createGatewayMetrics, type GatewayMetrics } from './metrics/gatewayMetrics.js';
import { createRequestObserver, observeFetches } from './observeRequests.js';
import { createPersistedOperations } from './persisted/createPersistedOperations.js';
import { type PlannerProgram, plannerOpener } from './planning/plannerOpener.js';
import { createAddressOf } from './rateLimit/clientAddress.js';
import { createRateLimiter } from './rateLimit/createRateLimiter.js';
import { openRateLimitStore } from './rateLimit/openRateLimitStore.js';
import type { RequestContext } from './requestContext.js';
import { createStreaming } from './streaming/createStreaming.js';
import { perSnapshot } from './supergraph/perSnapshot.js';
import { createSnapshotMaker } from './supergraph/prepareSnapshot.js';
import { createRecentOperations } from './supergraph/recentOperations.js';
import { createSupergraphGateway } from './supergraph/supergraphGateway.js';
import type { SupergraphSource } from './supergraph/supergraphSource.js';
import { limitUses } from './trace/limitUses.js';
import { traceFetches, traceRequests } from './trace/traceFetches.js';
import { createSubgraphClients } from './upstream/subgraphClients.js';
import { createUsage } from './usage/createUsage.js';

export interface GatewayOptions {
  readonly config: GatewayConfig;
  readonly source: SupergraphSource;
  readonly logger: Logger;
  /** Of the memory tier. For a benchmark that has to fail without one. @default a working one */
  readonly fence?: Fence;
  /** The thread that plans large operations. @default what was compiled; sources that run as they are have none */
  readonly plannerProgram?: PlannerProgram | undefined;
  /** For one of several worker processes. Whoever passes them joins before the first request is answered. */
  readonly peers?: GatewayPeers;
}

export interface Gateway {
  readonly caching: Caching;
  readonly metrics: GatewayMetrics;
  /** Serves `/graphql`, `/health/live`, `/health/ready` and, where configured, `/graphiql`. */
  readonly handler: RequestHandler;
  /** WebSockets at `/graphql`. */
  readonly upgrade: UpgradeHandler;
  readiness(): Readiness;
  /** From now on not ready, so that load balancers look elsewhere; requests are still answered. */
  startDraining(): void;
  /** Ends WebSockets and streamed responses in a way that makes their clients come again, elsewhere. */
  endStreams(): void;
  /** Lets requests to subgraphs finish and lets go of everything. */
  close(): Promise<void>;
}

/** Wires a gateway; whoever calls it listens. Rejects when the first supergraph cannot be loaded, and says why. */
export async function createGateway(options: GatewayOptions): Promise<Gateway> {
  const { config, source, logger, fence, peers } = options;
  const { observability } = config;
  const metrics = createGatewayMetrics(observability.operations);
  const persisted = await createPersistedOperations({
    config: config.persistedOperations,
    registry: config.registry,
    logger,
    count: metrics.admission.persistedOperation,
    onReload: metrics.admission.listRead,
  });
  const tracing = await openTracing(config.tracing, 'gateway');
  const clients = createSubgraphClients(config, logger);
  const shedder = createLoadShedder(config.overload);
  metrics.watchUpstream({ clients, shedder });
  const caching = createCaching(config, metrics, logger, fence, peers);
  const fetchFor = perSnapshot((snapshot) =>
    traceFetches(
      caching.wrap(
        snapshot,
        traceRequests(observeFetches(metrics.upstream.measure(clients.fetchFor(snapshot)), traceparentOf)),
      ),
    ),
  );
  const recent = createRecentOperations();
  metrics.supergraph.watchRegistry(() => source.status?.());
  const costs = createCostControl({
    config: config.cost,
    logger,
    observe: metrics.admission.operationCost,
    count: metrics.admission.limitExceeded,
  });
  const supergraph = createSupergraphGateway({
    source,
    logger,
    buildSnapshot: createSnapshotMaker({
      costs,
      config,
      onPlan: metrics.operations.planned,
      openPlanner: plannerOpener(config.planning, options.plannerProgram),
      source,
      recent,
      logger,
    }),
    onReload: metrics.supergraph.reloaded,
    onAdopt(snapshot) {
      clients.adopt(snapshot);
      caching.follow(snapshot);
      streaming.adopt(snapshot);
    },
    async execute(snapshot, request) {
      const ours = request as GatewayGraphQLRequestContext<RequestContext>;
      const { source: text, operation, queryHash } = ours;
      const result = await executeRequest(snapshot, fetchFor(snapshot), ours);
      // Only now: what could not be planned in time must not hold up the next supergraph.
      recent.note({ text, operationName: operation?.name?.value, authority: ours.context.caller }, queryHash);
      return result;
    },
  });
  const masking = maskForClients(config, logger, metrics.operations.error);
  const server = new ApolloServer<RequestContext>({
    gateway: supergraph,
    introspection: config.introspection,
    persistedQueries: persisted.registered === undefined ? false : { cache: persisted.registered },
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
  const authenticator = createAuthenticator({
    config: config.identity,
    logger,
    count: metrics.identity.authenticated,
  });
  const rateLimiter = createRateLimiter({
    config: config.rateLimits,
    addressOf: createAddressOf(config.trustedProxies),
    openStore: () =>
      openRateLimitStore({
        config: config.rateLimits,
        cache: config.cache,
        logger,
        onLocal: metrics.rateLimit.countedLocally,
      }),
    count: metrics.rateLimit.limited,
  });
  const count = metrics.admission.limitExceeded;
  const { admit, sizeOf } = createOperationLimits({ config: config.limits, logger, count });
  const bounds = createRequestBounds({ config, logger, count });
  const executing: DirectExecutionOptions = {
    config,
    admit,
    persisted,
    recent,
    masking,
    snapshot: () => supergraph.current,
    fetchFor,
    consistencyToken: caching.tokenFor,
  };
  const direct = createDirectExecution(executing);
  const usage = createUsage({
    config: config.registry.usage,
    source,
    metrics: metrics.supergraph,
    logger,
    snapshot: () => supergraph.current,
  });
  const observer = createRequestObserver({ config: observability, metrics: metrics.operations, logger });
  const streaming = createStreaming({
    config,
    bounds,
    admitOperation: admit,
    persisted,
    authenticator,
    rateLimiter,
    caching,
    shed: (work) => shedder.run(work),
    masking,
    metrics: metrics.streaming,
    logger,
    snapshot: () => supergraph.current,
    fetchFor,
    ...(usage && { onSubscribed: usage.subscribed }),
    onRefused: observer.failed,
  });
  const closeConnections = async (): Promise<void> => {
    await persisted.close();
    shedder.close();
    authenticator.close();
    await rateLimiter.close();
    streaming.close();
    await usage?.close();
    await caching.close();
    await clients.close();
    await tracing?.close();
  };
  try {
    await server.start();
  } catch (error) {
    // Redis is connected by now, and a connection keeps the process alive.
    await closeConnections();
    throw error;
  }

  let draining = false;
  const readiness = (): Readiness => ({
    ready: !draining && supergraph.current !== undefined,
    supergraph: supergraph.current?.id ?? null,
    ...registryDetail(source.status?.()),
    subgraphs: clients.states(),
  });
  const onServer = { server, bounds, persisted, admit, consistencyToken: caching.tokenFor };
  const graphql = createGraphqlHandler({
    config,
    bounds,
    caching,
    authenticator,
    rateLimiter,
    metrics: metrics.cache,
    persisted,
    usage,
    observer,
    schemaId: () => supergraph.current?.id ?? '',
    limitsOf: (text, cost) => limitUses(sizeOf(text), cost, config),
    answerInParts: createAnswerInParts({ ...executing, shed: (work) => shedder.run(work) }),
    execute: (request, body, context) =>
      shedder.run(() =>
        direct.execute(request, body, context, () =>
          executeOnServer({ ...onServer, request, body, context }),
        ),
      ),
  });
  const apiSchema = () => supergraph.current?.apiSchema;
  const explorer = createExplorer({ config, caching, apiSchema, logger });
  return {
    caching,
    metrics,
    handler: createRouter(
      {
        '/graphql': metrics.http.measure(
          withCors(config.cors, traceHttp(rateLimiter.before(streaming.before(graphql)), { tracing })),
        ),
        '/health/live': liveHandler,
        '/health/ready': createReadyHandler(readiness),
        ...(explorer && { [EXPLORER_PATH]: explorer }),
      },
      explorer && { [EXPLORER_PATH]: explorer },
    ),
    upgrade: streaming.upgrade,
    readiness,
    startDraining() {
      draining = true;
    },
    endStreams: () => streaming.drain(),
    async close() {
      await server.stop();
      await closeConnections();
    },
  };
}

const traceparentOf = (span: Span) => formatTraceparent(span.context);
