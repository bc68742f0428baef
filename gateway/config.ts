import { z } from 'zod';
import { tracingConfigSchema } from '../platform/tracing/tracingConfig.js';
import { adminConfigSchema } from './admin/adminConfig.js';
import { limitsConfigSchema } from './admission/limitsConfig.js';
import { cacheConfigSchema, subgraphCacheFields } from './cache/cacheConfig.js';
import { defaultFetchCacheSettings, type FetchCacheSettings } from './cache/fetch/fetchCacheSettings.js';
import { costConfigSchema } from './cost/costConfig.js';
import { explorerConfigSchema } from './explorer/explorerConfig.js';
import { corsConfigSchema } from './http/corsConfig.js';
import { overloadConfigSchema } from './http/overloadConfig.js';
import { identityConfigSchema, knowsCallers } from './identity/identityConfig.js';
import { observabilityConfigSchema } from './observabilityConfig.js';
import { persistedConfigSchema } from './persisted/persistedConfig.js';
import { planningConfigSchema } from './planning/planningConfig.js';
import { rateLimitConfigSchema } from './rateLimit/rateLimitConfig.js';
import { streamingConfigSchema } from './streaming/streamingConfig.js';
import { registryConfigSchema } from './supergraph/registry/registryConfig.js';
import { warmUpConfigSchema } from './supergraph/warmUpConfig.js';
import { type FaultConfig, faultFields, ownFaultFields } from './upstream/faultConfig.js';

const timeoutMs = z.int().min(1).max(600_000);
const header = z
  .string()
  .regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, 'expected the name of an HTTP header')
  .transform((name) => name.toLowerCase());

/** How the gateway speaks to one subgraph. */
const upstreamFields = {
  /** From sending the request to the last byte of the answer; then it is cancelled. */
  timeoutMs,
  /** Sockets kept open at most, per subgraph. */
  connections: z.int().min(1).max(10_000),
  /** An answer with more bytes is refused. */
  maxResponseBytes: z.int().min(1024),
  /** HTTP/2: negotiated over TLS; without TLS the subgraph has to speak it from the first byte (h2c). */
  http2: z.boolean(),
  /** Whether compressed answers are asked for; worth it where the network is slower than a core. */
  compression: z.boolean(),
  /** Whether it is told who asks when something is read. What it answers is then kept, and shared, per identity. */
  forwardIdentity: z.boolean(),
  /** How it takes subscriptions: over a WebSocket, or as GraphQL over SSE in distinct connections mode. */
  subscriptionProtocol: z.enum(['graphql-ws', 'sse']),
};
const cacheDefaults = defaultFetchCacheSettings;
const upstreamDefaults = z.strictObject({
  timeoutMs: upstreamFields.timeoutMs.default(10_000),
  connections: upstreamFields.connections.default(100),
  maxResponseBytes: upstreamFields.maxResponseBytes.default(64 * 1024 * 1024),
  http2: upstreamFields.http2.default(false),
  compression: upstreamFields.compression.default(false),
  forwardIdentity: upstreamFields.forwardIdentity.default(true),
  subscriptionProtocol: upstreamFields.subscriptionProtocol.default('graphql-ws'),
  ...faultFields,
  cache: z
    .strictObject({
      enabled: subgraphCacheFields.enabled.default(cacheDefaults.enabled),
      defaultTtlMs: subgraphCacheFields.defaultTtlMs,
      maxTtlMs: subgraphCacheFields.maxTtlMs.default(cacheDefaults.maxTtlMs),
      negativeTtlMs: subgraphCacheFields.negativeTtlMs.default(cacheDefaults.negativeTtlMs),
      staleWhileRevalidateMs: subgraphCacheFields.staleWhileRevalidateMs.default(
        cacheDefaults.staleWhileRevalidateMs,
      ),
      staleIfErrorMs: subgraphCacheFields.staleIfErrorMs.default(cacheDefaults.staleIfErrorMs),
      ttlJitter: subgraphCacheFields.ttlJitter.default(cacheDefaults.ttlJitter),
      maxTags: subgraphCacheFields.maxTags.default(cacheDefaults.maxTags),
    })
    .prefault({}),
});

export const gatewayConfigSchema = z.strictObject({
  host: z.string().default('127.0.0.1').describe('Address to listen on; 0.0.0.0 in a container.'),
  port: z.int().min(0).max(65_535).default(4000).describe('Port to listen on; 0 takes any free one.'),
  workers: z
    .union([z.int().min(1).max(256), z.literal('auto')], {
      error: 'expected a whole number from 1 to 256, or auto',
    })
    .default(1)
    .describe('Processes that share the address; `auto` is one per core.'),
  workerAckDeadlineMs: z
    .int()
    // A worker may have to wait for a Redis that hangs, which it gives up after two seconds.
    .min(3_000)
    .max(60_000)
    .default(5_000)
    .describe('A worker that has not acknowledged a purge after this long is killed and replaced.'),
  supergraph: z.string().optional().describe('File or http(s) URL of the supergraph SDL.'),
  supergraphPollMs: timeoutMs.default(5_000).describe('How often the file or URL is looked at again.'),
  registry: registryConfigSchema.prefault({}),
  warmUp: warmUpConfigSchema.prefault({}),
  maxBodyBytes: z
    .int()
    .min(1024)
    .default(1024 * 1024)
    .describe('A request body with more bytes is refused.'),
  requestTimeoutMs: timeoutMs
    .default(30_000)
    .describe('For a whole request, all attempts included; what has no answer by then is an error.'),
  sendTimeoutMs: timeoutMs
    .default(120_000)
    .describe(
      'How long a client may take to read an answer, from when all of it is there; then it is cut off.',
    ),
  maxUnreadBytes: z
    .int()
    .min(1024 * 1024)
    .default(256 * 1024 * 1024)
    .describe(
      'What answers that wait for slow clients may take together, per process; then who waits for longest is cut off.',
    ),
  drainTimeoutMs: timeoutMs.default(10_000).describe('After SIGTERM, how long requests under way may take.'),
  idleGraceMs: z
    .int()
    .min(0)
    .max(60_000)
    .default(0)
    .describe(
      'After SIGTERM, how long an idle connection may bring one more request. Behind a load balancer that keeps connections, a few seconds.',
    ),
  introspection: z.boolean().default(false).describe('Whether clients may ask for the schema.'),
  suggestions: z
    .boolean()
    .default(false)
    .describe('Whether errors suggest names of the schema that are like the wrong one.'),
  limits: limitsConfigSchema.prefault({}),
  rateLimits: rateLimitConfigSchema.prefault({}),
  trustedProxies: z
    .array(
      z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()], {
        error: 'expected an address, or a CIDR block',
      }),
    )
    .default([])
    .describe('Proxies whose X-Forwarded-For is believed, as addresses or CIDR blocks.'),
  persistedOperations: persistedConfigSchema.prefault({}),
  cors: corsConfigSchema.prefault({}),
  cost: costConfigSchema.prefault({}),
  exposeSubgraphErrors: z
    .boolean()
    .default(false)
    .describe(
      'Sends the messages of unexpected subgraph errors (no code, or INTERNAL_SERVER_ERROR) to clients.',
    ),
  propagateHeaders: z
    .array(header)
    .default([])
    .describe('Request headers that every subgraph is sent; no other is.'),
  planCacheEntries: z.int().min(1).default(2_000).describe('Compiled operations kept per supergraph.'),
  planning: planningConfigSchema.prefault({}),
  identity: identityConfigSchema.prefault({}),
  admin: adminConfigSchema.prefault({}),
  explorer: explorerConfigSchema.prefault({}),
  observability: observabilityConfigSchema.prefault({}),
  tracing: tracingConfigSchema.prefault({}),
  cache: cacheConfigSchema.prefault({}),
  overload: overloadConfigSchema.prefault({}),
  streaming: streamingConfigSchema.prefault({}),
  subgraphs: z
    .strictObject({
      all: upstreamDefaults.prefault({}).describe('Holds for every subgraph.'),
      byName: z
        .record(
          z.string(),
          z.strictObject({
            url: z.url({ protocol: /^https?$/ }).optional(),
            urls: z
              .array(z.url({ protocol: /^https?$/ }))
              .min(1)
              .optional(),
            ...ownFaultFields,
            timeoutMs: upstreamFields.timeoutMs.optional(),
            connections: upstreamFields.connections.optional(),
            maxResponseBytes: upstreamFields.maxResponseBytes.optional(),
            http2: upstreamFields.http2.optional(),
            compression: upstreamFields.compression.optional(),
            forwardIdentity: upstreamFields.forwardIdentity.optional(),
            subscriptionProtocol: upstreamFields.subscriptionProtocol.optional(),
            subscriptionUrl: z.url({ protocol: /^(ws|http)s?$/ }).optional(),
            feedUrl: z.url({ protocol: /^wss?$/ }).optional(),
            cache: z.strictObject(subgraphCacheFields).partial().optional(),
          }),
        )
        .default({})
        .describe(
          'Deviations by name; `url` replaces the one in the supergraph, `urls` (several addresses of the same) goes before both.',
        ),
    })
    .prefault({}),
});

export type GatewayConfig = z.infer<typeof gatewayConfigSchema>;
export type GatewayConfigInput = z.input<typeof gatewayConfigSchema>;

export interface UpstreamConfig extends FaultConfig {
  /** One, or several of which each can answer everything. */
  readonly urls: readonly [string, ...string[]];
  readonly timeoutMs: number;
  readonly connections: number;
  readonly maxResponseBytes: number;
  readonly http2: boolean;
  readonly compression: boolean;
}

/** What holds for one subgraph; its own keys before those for all. */
export function upstreamConfig(config: GatewayConfig, name: string, urlInSupergraph: string): UpstreamConfig {
  const own = config.subgraphs.byName[name];
  const { all } = config.subgraphs;
  return {
    urls: (own?.urls as [string, ...string[]] | undefined) ?? [own?.url ?? urlInSupergraph],
    retry: { ...all.retry, ...withoutUndefined(own?.retry ?? {}) },
    breaker: { ...all.breaker, ...withoutUndefined(own?.breaker ?? {}) },
    hedgeAfterMs: own?.hedgeAfterMs ?? all.hedgeAfterMs,
    timeoutMs: own?.timeoutMs ?? all.timeoutMs,
    connections: own?.connections ?? all.connections,
    maxResponseBytes: own?.maxResponseBytes ?? all.maxResponseBytes,
    http2: own?.http2 ?? all.http2,
    compression: own?.compression ?? all.compression,
  };
}

/** Where one subgraph takes subscriptions, and by which protocol: `ws` means graphql-ws, and `http` SSE. */
export function subscriptionUrl(config: GatewayConfig, name: string, urlInSupergraph: string): string {
  const own = config.subgraphs.byName[name];
  const protocol = own?.subscriptionProtocol ?? config.subgraphs.all.subscriptionProtocol;
  const url = own?.subscriptionUrl ?? own?.urls?.[0] ?? own?.url ?? urlInSupergraph;
  return url.replace(/^(ws|http)/, protocol === 'sse' ? 'http' : 'ws');
}

/** How one subgraph's answers are kept, and what of the request it is sent. */
export function fetchCacheSettings(config: GatewayConfig, name: string): FetchCacheSettings {
  const own = config.subgraphs.byName[name];
  const { all } = config.subgraphs;
  return {
    ...defaultFetchCacheSettings,
    ...all.cache,
    ...withoutUndefined(own?.cache ?? {}),
    // Where nobody has an identity, nothing depends on it, and caches on the way may keep what is public.
    forwardIdentity: knowsCallers(config.identity) && (own?.forwardIdentity ?? all.forwardIdentity),
    propagateHeaders: config.propagateHeaders,
  };
}

function withoutUndefined<T extends object>(value: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, inner]) => inner !== undefined)) as never;
}
