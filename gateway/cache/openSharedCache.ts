import { randomUUID } from 'node:crypto';
import type { Logger } from '../../platform/logger.js';
import type { RedisMetrics } from '../metrics/redisMetrics.js';
import type { CacheConfig } from './cacheConfig.js';
import type { CursorStore } from './feed/cursorStore.js';
import { createMemoryCursorStore } from './feed/memoryCursorStore.js';
import type { Broadcast } from './invalidate/broadcast.js';
import { openRedis } from './redis/openRedis.js';
import { createRedisBroadcast } from './redis/redisBroadcast.js';
import { createRedisCursorStore } from './redis/redisCursorStore.js';
import { createRedisTier, type RedisTier } from './redis/redisTier.js';

/** What the gateways of one graph share: records, cursors of feeds, and word of purges. */
export interface SharedCache {
  readonly tier: RedisTier | undefined;
  readonly cursorStore: CursorStore;
  readonly broadcast: Broadcast | undefined;
  /**
   * Calls back whenever Redis is reached anew, before anything is read there: it may have lost purges meanwhile.
   * @returns a function that stops it
   */
  onReconnect(listener: () => void): () => void;
  /** Names this gateway to the others. */
  readonly origin: string;
}

/**
 * Redis where it is configured. It is connected in the background: one that is out of reach delays nothing.
 *
 * @param onOperationTime told how new loads of a subgraph have to be that are kept there
 * @param origin names this gateway to the others; the same for all of its workers
 */
export function openSharedCache(
  config: CacheConfig,
  logger: Logger,
  metrics: RedisMetrics,
  onOperationTime: (subgraph: string, time: string) => void,
  origin: string = randomUUID(),
): SharedCache {
  const urls = [config.redisUrl ?? []].flat();
  const [first, ...others] = urls;
  if (first === undefined) {
    const onReconnect = () => () => undefined;
    return {
      tier: undefined,
      cursorStore: createMemoryCursorStore(),
      broadcast: undefined,
      onReconnect,
      origin,
    };
  }
  const redis = openRedis({
    urls: [first, ...others],
    onCommand: metrics.command,
    onError: (err) => logger.warn({ err }, 'the connection to Redis is lost'),
  });
  const namespace = config.redisNamespace;
  const readDeadlineMs = config.redisReadDeadlineMs;
  const tier = createRedisTier({ redis, namespace, readDeadlineMs, onOperationTime });
  tier.breaker.onChange((state) =>
    logger.info({ state }, 'the circuit breaker around Redis changed its state'),
  );
  return {
    tier,
    cursorStore: createRedisCursorStore({ redis, namespace }),
    broadcast: createRedisBroadcast({ origin, urls: [first, ...others], namespace, logger }),
    onReconnect: (listener) => redis.onReady(listener),
    origin,
  };
}
