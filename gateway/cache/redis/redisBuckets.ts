import { randomBytes } from 'node:crypto';
import type { BucketKeys } from './bucketKeys.js';
import { type LuaScript, runScript } from './luaScript.js';
import type { Redis } from './openRedis.js';

export interface BucketState {
  readonly incarnation: string;
  readonly sequence: string;
}

const UNKNOWN: BucketState = { incarnation: '-', sequence: '0' };

/** Runs scripts on buckets, and remembers how far each bucket was seen to be. */
export class RedisBuckets {
  readonly all: readonly number[];
  readonly #redis: Redis;
  readonly #names: BucketKeys;
  /** The furthest that each bucket was seen at: a server that is behind it has lost invalidations. */
  readonly #seen: BucketState[];

  constructor(redis: Redis, names: BucketKeys) {
    this.#redis = redis;
    this.#names = names;
    this.all = Array.from({ length: names.count }, (_, bucket) => bucket);
    this.#seen = this.all.map(() => UNKNOWN);
  }

  /** @returns what the script returns, incarnation and sequence apart */
  async run(
    script: LuaScript,
    bucket: number,
    /** Names in Redis, the guard left out. */
    keys: readonly string[],
    args: readonly string[],
  ): Promise<{ state: BucketState; values: readonly unknown[] }> {
    const known = this.#seen[bucket] ?? UNKNOWN;
    const fresh = randomBytes(8).toString('hex');
    const reply = await runScript(
      this.#redis,
      script,
      [this.#names.guard(bucket), ...keys],
      [fresh, known.incarnation, known.sequence, ...args],
    );
    const [incarnation, sequence, ...values] = Array.isArray(reply) ? reply : [];
    if (typeof incarnation !== 'string' || typeof sequence !== 'string') {
      throw new Error('Redis answered something else than its script returns');
    }
    const latest = this.#seen[bucket] ?? UNKNOWN;
    if (latest.incarnation !== incarnation || Number(latest.sequence) < Number(sequence)) {
      this.#seen[bucket] = { incarnation, sequence };
    }
    return { state: { incarnation, sequence }, values };
  }

  /** Runs for each bucket that some of the items are in, at once. */
  async forEach<T>(
    items: readonly T[],
    keyOf: (item: T) => string,
    call: (bucket: number, group: readonly T[]) => Promise<unknown>,
  ): Promise<void> {
    const groups = new Map<number, T[]>();
    for (const item of items) {
      const bucket = this.#names.bucketOf(keyOf(item));
      const group = groups.get(bucket);
      if (group === undefined) groups.set(bucket, [item]);
      else group.push(item);
    }
    await Promise.all(Array.from(groups, ([bucket, group]) => call(bucket, group)));
  }
}
