import { randomBytes } from 'node:crypto';
import type { CacheRecord, Fill, FillToken, TierRead } from '../cacheTier.js';
import { endOf } from '../recordBytes.js';
import type { RemoteTier } from '../remoteTier.js';
import { BucketKeys } from './bucketKeys.js';
import { type BreakerState, CircuitBreaker } from './circuitBreaker.js';
import { withDeadline } from './deadline.js';
import { decodeEnvelope, encodeEnvelope, encodeTag } from './envelope.js';
import { type LuaScript, runScript } from './luaScript.js';
import type { Redis } from './openRedis.js';
import { COUNT_RECORDS } from './scripts/countRecords.js';
import { INVALIDATE_TAGS } from './scripts/invalidateTags.js';
import { READ_RECORDS } from './scripts/readRecords.js';
import { WRITE_RECORDS } from './scripts/writeRecords.js';

export interface RedisTierOptions {
  /** Closed together with the tier. */
  readonly redis: Redis;
  /** Before all keys; the same for all gateways that share a cache. @default 'hg' */
  readonly namespace?: string;
  /** Over how many hash slots records are spread; the same for all. @default 1, or 16 for a cluster */
  readonly buckets?: number;
  /** @default 50 */
  readonly readDeadlineMs?: number;
  /** @default 500 */
  readonly writeDeadlineMs?: number;
  /** @default 250 */
  readonly invalidateDeadlineMs?: number;
  /** For counting, which walks everything. @default 30000 */
  readonly countDeadlineMs?: number;
  /** No record is kept longer, whatever its times say. @default 86400000, a day */
  readonly maxLifetimeMs?: number;
  /** How many invalidated tags a bucket remembers. @default 100000 */
  readonly maxInvalidatedTags?: number;
  /** @default one with its own defaults */
  readonly breaker?: CircuitBreaker;
  /** In ms since the epoch. @default Date.now */
  readonly now?: () => number;
}

export interface RedisTier extends RemoteTier {
  readonly name: 'redis';
  readonly breaker: {
    readonly state: BreakerState;
    onChange(listener: (state: BreakerState) => void): () => void;
  };
}

class RedisToken {
  declare readonly __brand: 'FillToken';

  constructor(
    readonly key: string,
    readonly incarnation: string,
    readonly sequence: string,
  ) {}
}

interface BucketState {
  readonly incarnation: string;
  readonly sequence: string;
}

const UNKNOWN: BucketState = { incarnation: '-', sequence: '0' };

/** The cache in Redis, shared by gateways and outliving them. Every check and its write are one script on one slot. */
export function createRedisTier(options: RedisTierOptions): RedisTier {
  const { redis, readDeadlineMs = 50, writeDeadlineMs = 500, invalidateDeadlineMs = 250 } = options;
  const { countDeadlineMs = 30_000, maxLifetimeMs = 86_400_000, maxInvalidatedTags = 100_000 } = options;
  const { breaker = new CircuitBreaker(), now = Date.now } = options;
  const names = new BucketKeys(
    options.namespace ?? 'hg',
    options.buckets ?? (redis.topology === 'cluster' ? 16 : 1),
  );
  const allBuckets = Array.from({ length: names.count }, (_, bucket) => bucket);
  /** The furthest that each bucket was seen at: a server that is behind it has lost invalidations. */
  const seen: BucketState[] = allBuckets.map(() => UNKNOWN);

  // Whatever hangs on this connection would hang on it for ever.
  breaker.onChange((state) => state === 'open' && redis.reconnect());

  /** @returns what the script returns after incarnation and sequence */
  async function run(
    script: LuaScript,
    bucket: number,
    records: readonly string[],
    args: readonly string[],
  ): Promise<{ state: BucketState; values: readonly unknown[] }> {
    const known = seen[bucket] ?? UNKNOWN;
    const fresh = randomBytes(8).toString('hex');
    const keys = [names.guard(bucket), ...records.map((key) => names.record(bucket, key))] as [string];
    const reply = await runScript(redis, script, keys, [fresh, known.incarnation, known.sequence, ...args]);
    const [incarnation, sequence, ...values] = Array.isArray(reply) ? reply : [];
    if (typeof incarnation !== 'string' || typeof sequence !== 'string') {
      throw new Error('Redis answered something else than its script returns');
    }
    const latest = seen[bucket] ?? UNKNOWN;
    if (latest.incarnation !== incarnation || Number(latest.sequence) < Number(sequence)) {
      seen[bucket] = { incarnation, sequence };
    }
    return { state: { incarnation, sequence }, values };
  }

  function guarded<T>(what: string, deadlineMs: number, call: () => Promise<T>): Promise<T> {
    return breaker.run(() => withDeadline(call(), what, deadlineMs));
  }

  function byBucket<T>(items: readonly T[], keyOf: (item: T) => string): Map<number, T[]> {
    const groups = new Map<number, T[]>();
    for (const item of items) {
      const bucket = names.bucketOf(keyOf(item));
      const group = groups.get(bucket);
      if (group === undefined) groups.set(bucket, [item]);
      else group.push(item);
    }
    return groups;
  }

  function toRead(key: string, value: unknown, { incarnation, sequence }: BucketState): TierRead {
    const token: FillToken = new RedisToken(key, incarnation, sequence);
    const record = typeof value === 'string' ? decodeEnvelope(value)?.record : undefined;
    const time = now();
    if (record === undefined || endOf(record) <= time) return { token };
    return { hit: record, token: record.freshUntil > time ? undefined : token };
  }

  async function readBuckets(keys: readonly string[], withRecords: boolean): Promise<Map<string, TierRead>> {
    const reads = new Map<string, TierRead>();
    const groups = byBucket([...new Set(keys)], (key) => key);
    await Promise.all(
      Array.from(groups, async ([bucket, group]) => {
        const { state, values } = await run(READ_RECORDS, bucket, withRecords ? group : [], []);
        for (const [index, key] of group.entries()) reads.set(key, toRead(key, values[index], state));
      }),
    );
    return reads;
  }

  async function read(keys: readonly string[], withRecords: boolean): Promise<readonly TierRead[]> {
    if (keys.length === 0) return [];
    const reads = await guarded('a read from Redis', readDeadlineMs, () =>
      readBuckets(keys, withRecords),
    ).catch(() => new Map<string, TierRead>());
    return keys.map((key) => reads.get(key) ?? { token: undefined });
  }

  function lifetimeOf(record: CacheRecord): number {
    return Math.min(Math.ceil(endOf(record) - now()), maxLifetimeMs);
  }

  async function writeBuckets(fills: readonly (Fill & { token: RedisToken })[]): Promise<Set<Fill>> {
    const stored = new Set<Fill>();
    await Promise.all(
      Array.from(
        byBucket(fills, ({ key }) => key),
        async ([bucket, group]) => {
          const args = group.flatMap(({ record, token: { incarnation, sequence } }) => [
            encodeEnvelope({ record, incarnation, sequence }),
            String(lifetimeOf(record)),
          ]);
          const { values } = await run(
            WRITE_RECORDS,
            bucket,
            group.map(({ key }) => key),
            args,
          );
          for (const [index, fill] of group.entries()) if (values[index] === 1) stored.add(fill);
        },
      ),
    );
    return stored;
  }

  async function purge(bucket: number): Promise<void> {
    await redis.send(names.guard(bucket), ['UNLINK', names.guard(bucket)]);
  }

  async function invalidate(bucket: number, tags: readonly string[]): Promise<void> {
    try {
      const args = [String(maxLifetimeMs), String(maxInvalidatedTags), ...tags];
      await run(INVALIDATE_TAGS, bucket, [], args);
    } catch {
      // A server without memory refuses to remember tags, but not to forget: without its guard, all of a bucket is
      // stale. When it cannot be reached, this fails as well.
      await purge(bucket);
    }
  }

  async function count(tags: readonly string[]): Promise<number> {
    const wanted = tags.map(encodeTag);
    const counted = new Set<string>();
    let total = 0;
    for await (const page of redis.scan(names.recordPattern)) {
      const groups = new Map<number, string[]>();
      for (const name of page) {
        const bucket = names.bucketOfRecord(name);
        if (bucket === undefined || counted.has(name)) continue;
        counted.add(name);
        groups.set(bucket, [...(groups.get(bucket) ?? []), name.slice(names.record(bucket, '').length)]);
      }
      for (const [bucket, keys] of groups) {
        total += Number((await run(COUNT_RECORDS, bucket, keys, wanted)).values[0]);
      }
    }
    return total;
  }

  return {
    name: 'redis',
    breaker,
    read: (keys) => read(keys, true),
    begin: async (keys) => (await read(keys, false)).map(({ token }) => token),

    async write(fills) {
      const own = fills.filter((fill): fill is Fill & { token: RedisToken } => {
        return fill.token instanceof RedisToken && fill.token.key === fill.key && lifetimeOf(fill.record) > 0;
      });
      if (own.length === 0) return fills.map(() => false);
      const stored = await guarded('a write to Redis', writeDeadlineMs, () => writeBuckets(own)).catch(
        () => new Set<Fill>(),
      );
      return fills.map((fill) => stored.has(fill));
    },

    async invalidate(tags) {
      if (tags.length === 0) return;
      const encoded = tags.map(encodeTag);
      await guarded('an invalidation in Redis', invalidateDeadlineMs, () => {
        return Promise.all(allBuckets.map((bucket) => invalidate(bucket, encoded)));
      });
    },

    async purgeEverything() {
      await guarded('a purge of Redis', invalidateDeadlineMs, () => Promise.all(allBuckets.map(purge)));
    },

    count: (tags) => withDeadline(count(tags), 'counting in Redis', countDeadlineMs),

    close: () => redis.close(),
  };
}
