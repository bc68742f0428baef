import { CircuitBreaker } from '../../platform/circuitBreaker.js';
import type { Logger } from '../../platform/logger.js';
import type { CacheConfig } from '../cache/cacheConfig.js';
import { openRedis } from '../cache/redis/openRedis.js';
import { createMemoryRateLimitStore } from './memoryRateLimitStore.js';
import type { RateLimitConfig } from './rateLimitConfig.js';
import type { RateLimitStore } from './rateLimitStore.js';
import { createRedisRateLimitStore } from './redis/redisRateLimitStore.js';

export interface OpenRateLimitStoreOptions {
  readonly config: Pick<RateLimitConfig, 'maxEntries' | 'redisDeadlineMs'>;
  /** Where the shared cache is, the counts are shared. */
  readonly cache: Pick<CacheConfig, 'redisUrl' | 'redisNamespace'>;
  readonly logger: Logger;
  onLocal(): void;
}

/** On a connection of its own: a count must not wait behind records of megabytes. */
export function openRateLimitStore(options: OpenRateLimitStoreOptions): RateLimitStore {
  const { config, cache, logger } = options;
  const local = createMemoryRateLimitStore({ maxEntries: config.maxEntries });
  const [first, ...others] = [cache.redisUrl ?? []].flat();
  if (first === undefined) return local;
  const redis = openRedis({
    urls: [first, ...others],
    onError: (err) => logger.warn({ err }, 'the connection to Redis for rate limits is lost'),
  });
  const breaker = new CircuitBreaker();
  breaker.onChange((state) =>
    logger.info({ state }, 'the circuit breaker around Redis for rate limits changed its state'),
  );
  return createRedisRateLimitStore({
    redis,
    namespace: cache.redisNamespace,
    local,
    deadlineMs: config.redisDeadlineMs,
    breaker,
    onLocal: options.onLocal,
  });
}
