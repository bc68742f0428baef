import type { IncomingMessage, ServerResponse } from 'node:http';
import { systemTimers } from '../../platform/database/timers.js';
import type { ErrorMasking } from '../../platform/errorMasking.js';
import type { RequestHandler, UpgradeHandler } from '../../platform/http/httpServer.js';
import type { Logger } from '../../platform/logger.js';
import type { RequestBounds } from '../admission/createRequestBounds.js';
import type { Caching } from '../cache/createCaching.js';
import { type GatewayConfig, subscriptionUrl, upstreamConfig } from '../config.js';
import type { FetchSubgraph } from '../execution/types.js';
import type { Authenticator } from '../identity/createAuthenticator.js';
import { headersOf } from '../identity/headerLookup.js';
import type { StreamingMetrics } from '../metrics/streamingMetrics.js';
import type { PersistedOperations } from '../persisted/createPersistedOperations.js';
import type { RateLimiter } from '../rateLimit/createRateLimiter.js';
import type { RequestContext } from '../requestContext.js';
import type { Snapshot } from '../supergraph/snapshot.js';
import { createListedRun } from './createListedRun.js';
import { createHttpStreams } from './http/httpStreams.js';
import { limitRate } from './limitRate.js';
import { createLiveInvalidations } from './live/liveInvalidations.js';
import { createPrepareOperation, kindOf, type OperationRequest } from './prepareOperation.js';
import { createRunOperation, type RunOperationOptions } from './runOperation.js';
import { clientHeaders, type StreamClient, type Visitor } from './streamClient.js';
import { StreamQueues } from './streamQueues.js';
import { createStreamRegistry } from './streamRegistry.js';
import type { StreamRuntime } from './streamRuntime.js';
import { createUpstreamSubscriptions } from './upstream/upstreamSubscriptions.js';
import { createUpstreamTransports } from './upstream/upstreamTransports.js';
import { createClientSockets } from './websocket/clientSockets.js';

export interface StreamingOptions {
  readonly config: GatewayConfig;
  readonly bounds: RequestBounds;
  readonly authenticator: Authenticator;
  readonly rateLimiter: RateLimiter;
  /** @throws CodedError for an operation that is refused before it is looked at */
  admitOperation(operation: OperationRequest): void;
  readonly persisted: PersistedOperations;
  readonly caching: Caching;
  readonly shed: StreamRuntime['shed'];
  readonly masking: ErrorMasking;
  readonly metrics: StreamingMetrics;
  readonly logger: Logger;
  snapshot(): Snapshot | undefined;
  fetchFor(snapshot: Snapshot): FetchSubgraph<RequestContext>;
  readonly onSubscribed?: RunOperationOptions['onSubscribed'];
  /** Told of each error with which something is refused that does not get as far as to be run. */
  onRefused(error: unknown): void;
}

/** Subscriptions and live queries, over all transports. */
export interface Streaming {
  readonly upgrade: UpgradeHandler;
  /** Streams over HTTP what is to be streamed, and leaves all else to `next`. */
  before(next: RequestHandler): RequestHandler;
  /** To be called with each new snapshot. */
  adopt(snapshot: Snapshot): void;
  /** Sends the clients away, so that they come again elsewhere. */
  drain(): void;
  close(): void;
}

export function createStreaming(options: StreamingOptions): Streaming {
  const { config, bounds, authenticator, rateLimiter, masking, metrics, logger } = options;
  const { streaming } = config;
  const transports = createUpstreamTransports({
    connectTimeoutMs: config.subgraphs.all.timeoutMs,
    heartbeatMs: streaming.heartbeatMs,
    maxMessageBytes: config.subgraphs.all.maxResponseBytes,
  });
  const upstreams = createUpstreamSubscriptions({
    transportFor: transports.of,
    retryForMs: streaming.upstreamRetryMs,
    endOnGap: streaming.endOnGap,
    timers: systemTimers,
    logger,
    onEvent: metrics.upstreamEvent,
    onLost: metrics.upstreamLost,
  });
  const streams = createStreamRegistry((snapshot, subgraph) => {
    const url = snapshot.subgraphs.get(subgraph);
    if (url === undefined) return undefined;
    return [...upstreamConfig(config, subgraph, url).urls, subscriptionUrl(config, subgraph, url)].join(' ');
  });
  const invalidations = createLiveInvalidations((listener) =>
    options.caching.invalidator.onApplied(listener),
  );
  const prepare = createPrepareOperation({
    introspection: config.introspection,
    admit: options.admitOperation,
    maxEntries: config.planCacheEntries,
  });
  const run = createRunOperation({
    runtime: {
      config,
      consistency: options.caching,
      shed: options.shed,
      mask: masking.mask,
      fetchFor: ({ snapshot }) => options.fetchFor(snapshot),
    },
    prepare,
    streams,
    upstreams,
    invalidations,
    timers: systemTimers,
    snapshot: options.snapshot,
    ...(options.onSubscribed && { onSubscribed: options.onSubscribed }),
    onLiveExecuted: metrics.liveExecuted,
    onValid: options.persisted.register,
  });
  const identify = async (
    { headers: sent, address }: Visitor,
    connectionParams: Readonly<Record<string, unknown>> = {},
  ): Promise<StreamClient> => {
    const headers = clientHeaders(config, authenticator.headers, sent, connectionParams);
    return { headers, address, caller: await authenticator.authenticate(headersOf({ headers })) };
  };
  /** A request of its own, whose address and client are counted already. */
  const identifyRequest = async (request: IncomingMessage, response: ServerResponse) => {
    const client = await identify(request);
    await rateLimiter.admit({ identity: client.caller.identity?.subject }, response);
    return client;
  };
  const queues = new StreamQueues({
    maxBytes: streaming.maxTotalQueueBytes,
    onClose: metrics.madeRoom,
  });
  const connections = () => sockets.connections + responses.count('sse') + responses.count('multipart');
  const admit = () => connections() < streaming.maxConnections;
  const sockets = createClientSockets({
    config,
    bounds,
    queues,
    identify,
    run: limitRate(createListedRun(options.persisted, run, masking.mask), rateLimiter, masking.mask),
    visitorOf: (request) => ({
      headers: request.headers,
      ...(rateLimiter.isActive && { address: rateLimiter.addressOf(request) }),
    }),
    logger,
    admit,
    count: rateLimiter.admitRequest,
    onRefused: options.onRefused,
    onClose: metrics.closed,
    onSent: () => metrics.sent('websocket'),
  });
  const responses = createHttpStreams({
    config,
    bounds,
    queues,
    identify: identifyRequest,
    run,
    persisted: options.persisted,
    isMutation(request) {
      const snapshot = options.snapshot();
      const prepared = snapshot && prepare(snapshot, request);
      const isValid = prepared !== undefined && 'operation' in prepared;
      return isValid && prepared.operation.operation === 'mutation';
    },
    isStreamed(request) {
      const snapshot = options.snapshot();
      const prepared = snapshot && prepare(snapshot, request);
      return prepared !== undefined && 'operation' in prepared && kindOf(prepared) !== 'single';
    },
    admit,
    onRefused: options.onRefused,
    onSent: metrics.sent,
    onTooSlow: () => metrics.closed('tooSlow'),
  });
  metrics.watch({
    connections: (transport) =>
      transport === 'websocket' ? sockets.connections : responses.count(transport),
    streams: (kind) => streams.count(kind === 'live' ? 'l:' : 's:'),
    upstreamSubscriptions: upstreams.counts,
    queuedBytes: () => queues.measure(),
  });
  const drain = () => {
    sockets.drain();
    responses.drain();
  };
  return {
    upgrade: sockets.upgrade,
    before: responses.before,
    adopt: (snapshot) => streams.adopt(snapshot),
    drain,
    close() {
      drain();
      invalidations.close();
      transports.close();
    },
  };
}
