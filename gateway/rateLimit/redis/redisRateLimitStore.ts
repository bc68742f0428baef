import { CircuitBreaker } from '../../../platform/circuitBreaker.js';
import { withDeadline } from '../../cache/redis/deadline.js';
import { runScript } from '../../cache/redis/luaScript.js';
import type { Redis } from '../../cache/redis/openRedis.js';
import { type Quota, type Verdict, verdictOn } from '../gcra.js';
import type { RateLimitStore } from '../rateLimitStore.js';
import { SPEND_QUOTA } from './spendQuota.js';

export interface RedisRateLimitStoreOptions {
  /** Closed together with the store. */
  readonly redis: Pick<Redis, 'send' | 'isReady' | 'reconnect' | 'close'>;
  /** Before all keys; the same for all gateways that share the counts. */
  readonly namespace: string;
  /** Decides while Redis does not answer. */
  readonly local: RateLimitStore;
  readonly deadlineMs: number;
  readonly breaker?: CircuitBreaker;
  /** A request was counted by `local`. */
  onLocal?(): void;
}

/**
 * Shared by all gateways: one script, atomic, one round trip. While Redis is away each process counts by itself; nobody
 * is let in without being counted, and nobody waits longer than the deadline.
 */
export function createRedisRateLimitStore(options: RedisRateLimitStoreOptions): RateLimitStore {
  const { redis, namespace, local, deadlineMs, breaker = new CircuitBreaker(), onLocal } = options;
  // Whatever hangs on this connection would hang on it for ever.
  breaker.onChange((state) => state === 'open' && redis.reconnect());

  async function count(key: string, quota: Quota): Promise<Verdict> {
    const args = [String(quota.intervalUs), String(quota.burst)];
    const answer = await runScript(redis, SPEND_QUOTA, [`${namespace}:rate:${key}`], args);
    const [isAdmitted, backlogUs] = answer as [number, string];
    return verdictOn(isAdmitted === 1, Number(backlogUs), quota);
  }

  return {
    async spend(key, quota) {
      // A connection that is not there is no failure of a call: the first one after it is back is counted there again.
      if (redis.isReady) {
        try {
          return await breaker.run(() =>
            withDeadline(count(key, quota), 'counting a request in Redis', deadlineMs),
          );
        } catch {
          // The breaker tells its own story.
        }
      }
      onLocal?.();
      return local.spend(key, quota);
    },
    async close() {
      await Promise.all([redis.close(), local.close()]);
    },
  };
}
