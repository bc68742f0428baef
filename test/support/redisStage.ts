import { createHash } from 'node:crypto';
import { BucketKeys } from '../../gateway/cache/redis/bucketKeys.js';
import { openRedis, type Redis } from '../../gateway/cache/redis/openRedis.js';
import {
  createRedisTier,
  type RedisTier,
  type RedisTierOptions,
} from '../../gateway/cache/redis/redisTier.js';
import { CircuitBreaker } from '../../platform/circuitBreaker.js';
import { STAGE_START, type TierStage } from './cacheTierContract.js';

export interface RedisStage extends TierStage {
  readonly tier: RedisTier;
  readonly other: RedisTier;
  readonly redis: Redis;
  readonly names: BucketKeys;
  readonly now: () => number;
  putRaw(key: string, text: string): Promise<void>;
  loseGuards(): Promise<void>;
  loseEverything(): Promise<void>;
  /** Runs one command on the node that has this key. */
  command(key: string, ...args: string[]): Promise<unknown>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** A busy machine must not look like a broken Redis in a test that is about something else. */
const PATIENT = { readDeadlineMs: 10_000, writeDeadlineMs: 10_000, invalidateDeadlineMs: 10_000 };

let stages = 0;

/** Two gateways on one Redis, in a namespace of their own. */
export async function openRedisStage(
  urls: readonly [string, ...string[]],
  options: Partial<RedisTierOptions> = {},
): Promise<RedisStage> {
  let time = STAGE_START;
  const now = () => time;
  stages += 1;
  const namespace = `t${createHash('sha1').update(`${process.pid} ${stages}`).digest('hex').slice(0, 8)}`;
  const connections = [openRedis({ urls }), openRedis({ urls })] as const;
  await Promise.all(connections.map((redis) => redis.ready()));
  const [tier, other] = connections.map((redis) => {
    return createRedisTier({ ...PATIENT, namespace, now, breaker: new CircuitBreaker(), ...options, redis });
  }) as [RedisTier, RedisTier];
  const [redis] = connections;
  const buckets = options.buckets ?? (redis.topology === 'cluster' ? 16 : 1);
  const names = new BucketKeys(namespace, buckets);
  const command = (key: string, ...args: string[]) => redis.send(key, args);
  const nameOf = (key: string) => names.record(names.bucketOf(key), key);
  return {
    tier,
    other,
    redis,
    names,
    now,
    command,
    advance: (ms) => {
      time += ms;
    },
    putRaw: async (key, text) => {
      await command(nameOf(key), 'SET', nameOf(key), text);
    },
    loseGuards: async () => {
      for (let bucket = 0; bucket < buckets; bucket++)
        await command(names.guard(bucket), 'DEL', names.guard(bucket));
    },
    loseEverything: async () => {
      for (let bucket = 0; bucket < buckets; bucket++) await command(names.guard(bucket), 'FLUSHALL');
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all([tier.close(), other.close()]);
    },
  };
}
