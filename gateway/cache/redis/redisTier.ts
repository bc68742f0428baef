import { randomBytes } from 'node:crypto';
import { type BreakerState, CircuitBreaker } from '../../../platform/circuitBreaker.js';
import type { CacheRecord, Fill, FillToken, TierRead } from '../cacheTier.js';
import { type LeaseRequest, type LeaseState, tagsOfLease } from '../lease.js';
import { endOf } from '../recordBytes.js';
import type { LatestTimes, RemoteTier } from '../remoteTier.js';
import { BucketKeys } from './bucketKeys.js';
import { withDeadline } from './deadline.js';
import { decodeEnvelope, encodeEnvelope, encodeTag } from './envelope.js';
import { runScript } from './luaScript.js';
import type { Redis } from './openRedis.js';
import { RedisBuckets } from './redisBuckets.js';
import { RedisToken } from './redisToken.js';
import { COUNT_RECORDS } from './scripts/countRecords.js';
import { INVALIDATE_TAGS } from './scripts/invalidateTags.js';
import { READ_RECORDS } from './scripts/readRecords.js';
import { RELEASE_LEASES } from './scripts/releaseLeases.js';
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
  /** How long others may take a load for being under way whose process is gone. @default 2000 */
  readonly leaseMs?: number;
  /**
   * Told the latest operation time of a subgraph that any gateway has purged by, before the reads or permissions are given
   * that it holds for: a load under them has to be at least that new.
   */
  readonly onOperationTime?: ((subgraph: string, time: string) => void) | undefined;
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

/** The cache in Redis, shared by gateways and outliving them. Every check and its write are one script on one slot. */
export function createRedisTier(options: RedisTierOptions): RedisTier {
  const { redis, readDeadlineMs = 50, writeDeadlineMs = 500, invalidateDeadlineMs = 250 } = options;
  const { countDeadlineMs = 30_000, maxLifetimeMs = 86_400_000, maxInvalidatedTags = 100_000 } = options;
  const { leaseMs = 2_000, breaker = new CircuitBreaker(), now = Date.now } = options;
  const names = new BucketKeys(
    options.namespace ?? 'hg',
    options.buckets ?? (redis.topology === 'cluster' ? 16 : 1),
  );
  const buckets = new RedisBuckets(redis, names);
  /** Tells the leases of this process from those of others. */
  const leaseOwner = randomBytes(8).toString('hex');
  let leaseIds = 0;
  const heardTimes = hearTimes(options.onOperationTime);

  // Whatever hangs on this connection would hang on it for ever.
  breaker.onChange((state) => state === 'open' && redis.reconnect());

  function guarded<T>(what: string, deadlineMs: number, call: () => Promise<T>): Promise<T> {
    return breaker.run(() => withDeadline(call(), what, deadlineMs));
  }

  const recordNames = (bucket: number, keys: readonly string[]) =>
    keys.map((key) => names.record(bucket, key));
  const leaseNames = (bucket: number, keys: readonly string[]) => keys.map((key) => names.lease(bucket, key));

  function toRead(value: unknown, token: RedisToken, lease: LeaseState | undefined): TierRead {
    const record = typeof value === 'string' ? decodeEnvelope(value)?.record : undefined;
    const time = now();
    if (record === undefined || endOf(record) <= time) return { token, lease };
    return { hit: record, token: record.freshUntil > time ? undefined : token, lease };
  }

  function leaseArguments({ source, mode }: LeaseRequest, leaseId: string): string[] {
    return [String(now()), leaseId, mode, String(leaseMs), tagsOfLease(source).map(encodeTag).join(',')];
  }

  async function read(keys: readonly string[], leases?: LeaseRequest): Promise<readonly TierRead[]> {
    if (keys.length === 0) return [];
    leaseIds += 1;
    const leaseId = `${leaseOwner}.${leaseIds}`;
    const args = leases ? leaseArguments(leases, leaseId) : [];
    const reads = new Map<string, TierRead>();
    let isGivenUp = false;
    // Whoever asked loads without the leases then, and others must not wait for that.
    const giveUp = () => {
      isGivenUp = true;
      const tokens = [...reads.values()].flatMap(({ token }) => token ?? []);
      reads.clear();
      void release(tokens);
    };
    await guarded('a read from Redis', readDeadlineMs, () =>
      buckets.forEach([...new Set(keys)], same, async (bucket, group) => {
        const asked = [...recordNames(bucket, group), ...(leases ? leaseNames(bucket, group) : [])];
        const { state, values } = await buckets.run(READ_RECORDS, bucket, asked, args);
        const [times, ...records] = values;
        heardTimes(times);
        for (const [index, key] of group.entries()) {
          const lease = asLeaseState(records[group.length + index]);
          const isMine = lease === 'taken' || lease === 'overtaken';
          const token = new RedisToken(key, state.incarnation, state.sequence, isMine ? leaseId : undefined);
          reads.set(key, toRead(records[index], token, lease));
        }
        if (isGivenUp) giveUp();
      }),
    ).catch(giveUp);
    return keys.map((key) => reads.get(key) ?? { token: undefined });
  }

  async function begin(keys: readonly string[]): Promise<readonly (FillToken | undefined)[]> {
    if (keys.length === 0) return [];
    const tokens = new Map<string, FillToken>();
    await guarded('a read from Redis', readDeadlineMs, () =>
      buckets.forEach(keys, same, async (bucket, group) => {
        const { state, values } = await buckets.run(READ_RECORDS, bucket, [], []);
        const { incarnation, sequence } = state;
        heardTimes(values[0]);
        for (const key of group) tokens.set(key, new RedisToken(key, incarnation, sequence));
      }),
    ).catch(() => tokens.clear());
    return keys.map((key) => tokens.get(key));
  }

  async function release(tokens: readonly FillToken[]): Promise<void> {
    const leased = tokens.flatMap((token) => {
      const id = token instanceof RedisToken ? token.takeLeaseId() : undefined;
      return id === undefined ? [] : [{ key: (token as RedisToken).key, id }];
    });
    if (leased.length === 0) return;
    // One that is not given back ends by itself.
    await guarded('giving back leases', writeDeadlineMs, () =>
      buckets.forEach(leased, keyOf, (bucket, group) => {
        const keys = leaseNames(bucket, group.map(keyOf)) as [string, ...string[]];
        const ids = group.map(({ id }) => id);
        return runScript(redis, RELEASE_LEASES, keys, ids);
      }),
    ).catch(() => undefined);
  }

  function lifetimeOf(record: CacheRecord): number {
    return Math.min(Math.ceil(endOf(record) - now()), maxLifetimeMs);
  }

  async function writeBuckets(fills: readonly (Fill & { token: RedisToken })[]): Promise<Set<Fill>> {
    const stored = new Set<Fill>();
    await buckets.forEach(fills, keyOf, async (bucket, group) => {
      const keys = group.map(keyOf);
      const args = group.flatMap(({ record, token }) => [
        encodeEnvelope({ record, incarnation: token.incarnation, sequence: token.sequence }),
        String(lifetimeOf(record)),
        token.takeLeaseId() ?? '',
      ]);
      const written = [...recordNames(bucket, keys), ...leaseNames(bucket, keys)];
      const { values } = await buckets.run(WRITE_RECORDS, bucket, written, args);
      for (const [index, fill] of group.entries()) if (values[index] === 1) stored.add(fill);
    });
    return stored;
  }

  /** @param mostTags that are remembered. With 0, all of the bucket is stale instead */
  async function invalidate(
    bucket: number,
    times: string,
    tags: readonly string[],
    mostTags = maxInvalidatedTags,
  ): Promise<void> {
    const remember = (some: readonly string[]) =>
      buckets.run(INVALIDATE_TAGS, bucket, [], [String(maxLifetimeMs), String(mostTags), times, ...some]);
    try {
      await remember(tags);
    } catch {
      // A server without memory refuses to remember tags, but not to forget: without its guard, all of a bucket is
      // stale. When it cannot be reached, this fails as well.
      await redis.send(names.guard(bucket), ['UNLINK', names.guard(bucket)]);
      // The times went with the guard; there may be room for them now.
      await remember([]).catch(() => undefined);
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
        total += Number(
          (await buckets.run(COUNT_RECORDS, bucket, recordNames(bucket, keys), wanted)).values[0],
        );
      }
    }
    return total;
  }

  return {
    name: 'redis',
    breaker,
    read,
    begin,
    release,

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

    async invalidate(tags, times = {}) {
      if (tags.length === 0) return;
      const encoded = tags.map(encodeTag);
      const told = JSON.stringify(times);
      await guarded('an invalidation in Redis', invalidateDeadlineMs, () => {
        return Promise.all(buckets.all.map((bucket) => invalidate(bucket, told, encoded)));
      });
    },

    async purgeEverything(times = {}) {
      const told = JSON.stringify(times);
      await guarded('a purge of Redis', invalidateDeadlineMs, () => {
        return Promise.all(buckets.all.map((bucket) => invalidate(bucket, told, [], 0)));
      });
    },

    count: (tags) => withDeadline(count(tags), 'counting in Redis', countDeadlineMs),

    close: () => redis.close(),
  };
}

/** Takes the times as Redis has them, and passes on those that are news. */
function hearTimes(onOperationTime: RedisTierOptions['onOperationTime']): (text: unknown) => void {
  let last: unknown = '';
  return (text) => {
    if (onOperationTime === undefined || text === last || typeof text !== 'string' || text === '') return;
    last = text;
    for (const [subgraph, time] of Object.entries(timesIn(text))) {
      if (typeof time === 'string') onOperationTime(subgraph, time);
    }
  };
}

function timesIn(text: string): LatestTimes {
  try {
    return (JSON.parse(text) ?? {}) as LatestTimes;
  } catch {
    return {};
  }
}

function asLeaseState(value: unknown): LeaseState | undefined {
  return value === 'taken' || value === 'overtaken' || value === 'held' ? value : undefined;
}

const same = (key: string): string => key;
const keyOf = ({ key }: { readonly key: string }): string => key;
