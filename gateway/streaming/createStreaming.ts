import { systemTimers } from '../../platform/database/timers.js';
import type { ErrorMasking } from '../../platform/errorMasking.js';
import type { UpgradeHandler } from '../../platform/http/httpServer.js';
import type { Logger } from '../../platform/logger.js';
import { type GatewayConfig, subscriptionUrl, upstreamConfig } from '../config.js';
import type { FetchSubgraph } from '../execution/types.js';
import type { Authenticator } from '../identity/createAuthenticator.js';
import { headersOf } from '../identity/headerLookup.js';
import type { RequestContext } from '../requestContext.js';
import type { Snapshot } from '../supergraph/snapshot.js';
import { createPrepareOperation } from './prepareOperation.js';
import { createRunOperation } from './runOperation.js';
import { clientHeaders } from './streamClient.js';
import { createStreamRegistry } from './streamRegistry.js';
import { createSocketTransport } from './upstream/socketTransport.js';
import { createUpstreamSubscriptions } from './upstream/upstreamSubscriptions.js';
import { createClientSockets } from './websocket/clientSockets.js';

export interface StreamingOptions {
  readonly config: GatewayConfig;
  readonly authenticator: Authenticator;
  readonly masking: ErrorMasking;
  readonly logger: Logger;
  snapshot(): Snapshot | undefined;
  fetchFor(snapshot: Snapshot): FetchSubgraph<RequestContext>;
}

/** Subscriptions and live queries, over all transports. */
export interface Streaming {
  readonly upgrade: UpgradeHandler;
  /** To be called with each new snapshot. */
  adopt(snapshot: Snapshot): void;
  /** Sends the clients away, so that they come again elsewhere. */
  drain(): void;
  close(): void;
}

export function createStreaming(options: StreamingOptions): Streaming {
  const { config, authenticator, masking, logger } = options;
  const { streaming } = config;
  const transport = createSocketTransport({
    connectTimeoutMs: config.subgraphs.all.timeoutMs,
    heartbeatMs: streaming.heartbeatMs,
    maxMessageBytes: config.subgraphs.all.maxResponseBytes,
  });
  const upstreams = createUpstreamSubscriptions({
    transportFor: () => transport,
    retryForMs: streaming.upstreamRetryMs,
    endOnGap: streaming.endOnGap,
    timers: systemTimers,
    logger,
    onEvent: () => undefined,
  });
  const streams = createStreamRegistry((snapshot, subgraph) => {
    const url = snapshot.subgraphs.get(subgraph);
    if (url === undefined) return undefined;
    return [...upstreamConfig(config, subgraph, url).urls, subscriptionUrl(config, subgraph, url)].join(' ');
  });
  const run = createRunOperation({
    runtime: { config, mask: masking.mask, fetchFor: ({ snapshot }) => options.fetchFor(snapshot) },
    prepare: createPrepareOperation({
      introspection: config.introspection,
      maxEntries: config.planCacheEntries,
    }),
    streams,
    upstreams,
    snapshot: options.snapshot,
  });
  const sockets = createClientSockets({
    config,
    async identify(request, connectionParams) {
      const headers = clientHeaders(config, authenticator.headers, request, connectionParams);
      return { headers, caller: await authenticator.authenticate(headersOf({ headers })) };
    },
    run,
    logger,
    admit: () => sockets.connections < streaming.maxConnections,
    onClose: () => undefined,
    onSent: () => undefined,
  });
  return {
    upgrade: sockets.upgrade,
    adopt: (snapshot) => streams.adopt(snapshot),
    drain: () => sockets.drain(),
    close() {
      sockets.drain();
      transport.close();
    },
  };
}
