import { z } from 'zod';

const durationMs = z
  .int()
  .min(0)
  .max(365 * 24 * 60 * 60 * 1000);
const redisUrl = z.string().regex(/^rediss?:\/\//, 'expected redis://… or rediss://…');

/** How answers of subgraphs are kept; for all of them, or for one. */
export const subgraphCacheFields = {
  enabled: z.boolean(),
  defaultTtlMs: durationMs.optional(),
  maxTtlMs: durationMs,
  negativeTtlMs: durationMs,
  staleWhileRevalidateMs: durationMs,
  staleIfErrorMs: durationMs,
  ttlJitter: z.number().min(0).max(1),
  maxTags: z.int().min(1),
};

export const cacheConfigSchema = z.strictObject({
  memoryBytes: z
    .int()
    .min(1024 * 1024)
    .default(256 * 1024 * 1024)
    .describe('What the memory tier may take, everything included.'),
  redisUrl: z
    .union([redisUrl, z.array(redisUrl).min(1)])
    .optional()
    .describe('The tier that all gateways share; several URLs are nodes of one cluster. It may evict.'),
  redisNamespace: z
    .string()
    .regex(/^[\w-]{1,32}$/)
    .default('hg')
    .describe('Before all keys; the same for all gateways of a graph.'),
  redisReadDeadlineMs: z
    .int()
    .min(1)
    .max(60_000)
    .default(50)
    .describe('How long a read waits for Redis before it goes on without it.'),
  leases: z
    .boolean()
    .default(true)
    .describe('Gateways on one Redis wait a moment for what another one of them is loading.'),
  feedToken: z
    .string()
    .min(16)
    .optional()
    .describe('What the invalidation feeds of subgraphs are opened with.'),
  feedSilenceMs: z
    .int()
    .min(100)
    .max(600_000)
    .default(5_000)
    .describe('A feed that is silent for longer is not trusted.'),
  tokenSecret: z
    .string()
    .min(16)
    .optional()
    .describe('Signs consistency tokens; the same for all gateways of a graph.'),
  explain: z
    .boolean()
    .default(false)
    .describe('Whether clients may ask why something was (not) served from the cache.'),
  responses: z
    .boolean()
    .default(true)
    .describe('Whether whole responses are kept; entities are kept besides.'),
  joinRequests: z
    .boolean()
    .default(true)
    .describe('Whether equal queries that come while one of them is being answered wait for its answer.'),
  sharedMaxAgeMs: durationMs
    .default(0)
    .describe(
      'How long caches on the way may keep a public answer. Only `purgeUrls` and `sendTags` bring purges there.',
    ),
  sendTags: z.boolean().default(false).describe('Sends `Cache-Tag`, for a CDN that purges by it.'),
  purgeUrls: z
    .array(z.url({ protocol: /^https?$/ }))
    .max(64)
    .default([])
    .describe('Told at each purge, by PUT: one URL for each NGINX that keeps answers.'),
});

export type CacheConfig = z.infer<typeof cacheConfigSchema>;
