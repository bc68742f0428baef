import { Registry } from 'prom-client';
import { createHttpMetrics, type HttpMetrics } from '../../platform/metrics/httpMetrics.js';
import { processMetrics } from '../../platform/metrics/processMetrics.js';
import type { FeedStatus } from '../cache/feed/feed.js';
import { type AdmissionMetrics, createAdmissionMetrics } from './admissionMetrics.js';
import { type CacheMetrics, createCacheMetrics } from './cacheMetrics.js';
import { createEndpointMetrics, type EndpointSources } from './endpointMetrics.js';
import { createFeedMetrics } from './feedMetrics.js';
import { createIdentityMetrics, type IdentityMetrics } from './identityMetrics.js';
import { createInvalidationMetrics, type InvalidationMetrics } from './invalidationMetrics.js';
import { createOperationMetrics, type OperationMetrics } from './operationMetrics.js';
import {
  createOverloadMetrics,
  createSlowReaderMetrics,
  type OverloadSources,
  type SlowReaderMetrics,
} from './overloadMetrics.js';
import { createRateLimitMetrics, type RateLimitMetrics } from './rateLimitMetrics.js';
import { createRedisMetrics, type RedisMetrics } from './redisMetrics.js';
import { createStreamingMetrics, type StreamingMetrics } from './streamingMetrics.js';
import { createSupergraphMetrics, type SupergraphMetrics } from './supergraphMetrics.js';
import { createTierMetrics, type TierSources } from './tierMetrics.js';
import { createUpstreamMetrics, type UpstreamMetrics } from './upstreamMetrics.js';

/** The metrics of one gateway. Several gateways can be in one process. */
export interface GatewayMetrics {
  readonly registry: Registry;
  readonly http: HttpMetrics;
  readonly cache: CacheMetrics;
  readonly admission: AdmissionMetrics;
  readonly identity: IdentityMetrics;
  readonly invalidation: InvalidationMetrics;
  readonly operations: OperationMetrics;
  readonly rateLimit: RateLimitMetrics;
  readonly redis: RedisMetrics;
  readonly upstream: UpstreamMetrics;
  readonly supergraph: SupergraphMetrics;
  readonly streaming: StreamingMetrics;
  readonly slowReaders: SlowReaderMetrics;
  /** Tells from now on what these say of themselves. Once per gateway. */
  watchCaches(sources: TierSources & { feedStatuses(): readonly FeedStatus[] }): void;
  /** The same for how subgraphs are reached, and how much may be under way. */
  watchUpstream(sources: EndpointSources & OverloadSources): void;
  /** Of `text()`. */
  readonly contentType: string;
  /** Everything at this moment, in the text format of Prometheus; that of the process included. */
  text(): Promise<string>;
}

/** @param operations names of operations that are told apart */
export function createGatewayMetrics(operations: readonly string[] = []): GatewayMetrics {
  const registry = new Registry();
  const process = processMetrics();
  return {
    registry,
    http: createHttpMetrics(registry),
    cache: createCacheMetrics(registry),
    admission: createAdmissionMetrics(registry),
    identity: createIdentityMetrics(registry),
    invalidation: createInvalidationMetrics(registry),
    operations: createOperationMetrics(registry, operations),
    rateLimit: createRateLimitMetrics(registry),
    redis: createRedisMetrics(registry),
    upstream: createUpstreamMetrics(registry),
    supergraph: createSupergraphMetrics(registry),
    streaming: createStreamingMetrics(registry),
    slowReaders: createSlowReaderMetrics(registry),
    watchCaches(sources) {
      createTierMetrics(registry, sources);
      createFeedMetrics(registry, sources.feedStatuses);
    },
    watchUpstream(sources) {
      createEndpointMetrics(registry, sources);
      createOverloadMetrics(registry, sources);
    },
    contentType: registry.contentType,
    text: async () => (await Promise.all([registry.metrics(), process.metrics()])).join('\n'),
  };
}
