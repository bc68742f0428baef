import { systemTimers } from '../../platform/database/timers.js';
import type { CacheRecord, FillToken } from './cacheTier.js';
import type { Invalidation } from './invalidation.js';
import { type LeaseRequest, type LeaseStats, leaseTag, newLeaseStats } from './lease.js';
import type { LeaseLook } from './leaseWait.js';
import { LeaseWaits } from './leaseWaits.js';
import type { EntryLink, MemoryEntry, MemoryStore } from './memoryStore.js';
import { type Purge, PurgeLog } from './purgeLog.js';
import { RemoteCache, type RemoteCacheOptions } from './remoteCache.js';
import type { RemoteTier } from './remoteTier.js';
import { newTierStats, type TierStats } from './tierStats.js';

/** Permission to store what a load brings in both tiers, taken before the load. For one key. */
export interface TieredToken {
  readonly memory: number;
  readonly remote: FillToken | undefined;
}

export type TieredRead = (
  | {
      readonly hit: CacheRecord;
      readonly tier: 'memory' | 'redis' | 'keyv';
      /** With a record that is no longer fresh: whoever serves it loads it anew. */
      readonly token: TieredToken | undefined;
    }
  | { readonly hit?: undefined; readonly tier?: undefined; readonly token: TieredToken }
) & {
  /** Another process is loading it; only where leases were asked for. */
  readonly isHeld?: boolean | undefined;
};

export interface TieredFill {
  readonly key: string;
  readonly record: CacheRecord;
  readonly token: TieredToken;
}

export interface TieredWrite {
  /** In the order of the fills: each record as memory keeps it; `undefined` when it was refused, or is too large. */
  readonly kept: readonly (CacheRecord | undefined)[];
  /** Whether the remote tier has taken each; nobody needs to wait for it. Never rejects. */
  readonly remote: Promise<readonly boolean[]>;
}

export interface InvalidationResult {
  /** How many records went from memory. */
  readonly dropped: number;
  /** `owed`: it could not be told, and is bypassed until it was. */
  readonly remote: 'told' | 'owed' | 'none';
}

export interface TieredLeaseOptions {
  /** For how long a fetch waits at most before it loads what another process is loading. @default 150 */
  readonly waitMs?: number | undefined;
}

/** What an invalidation says that the tiers need. With a source, it closes the leases of that subgraph. */
export type TieredInvalidation = Pick<Invalidation, 'tags' | 'by'> & { readonly source?: string | undefined };

export interface TieredCacheOptions<Prepared> extends RemoteCacheOptions {
  readonly memory: MemoryStore<Prepared>;
  readonly remote?: RemoteTier | undefined;
  /** Whether processes that share the remote tier wait for each other's loads. @default not */
  readonly leases?: TieredLeaseOptions | undefined;
  /** In ms since the epoch. @default Date.now */
  readonly now?: (() => number) | undefined;
}

/**
 * Memory before a remote tier, as one cache that never serves what an invalidation has made stale. A read that begins
 * after `invalidate` was called does not see the old records, whether the remote tier could be told or not.
 */
export class TieredCache<Prepared = unknown> {
  readonly memory: MemoryStore<Prepared>;
  /** For those to whom a read said that another process is loading. */
  readonly leaseWaits: LeaseWaits;
  readonly #remote: RemoteCache | undefined;
  readonly #isLeasing: boolean;
  readonly #now: () => number;
  readonly #purges = new PurgeLog();
  readonly #stats = newTierStats();

  constructor({ memory, remote, leases, now = Date.now, ...options }: TieredCacheOptions<Prepared>) {
    this.memory = memory;
    this.#remote = remote === undefined ? undefined : new RemoteCache(remote, options);
    this.#now = now;
    this.#isLeasing = leases !== undefined;
    this.leaseWaits = new LeaseWaits({
      look: (keys, source) => this.#look(keys, source),
      waitMs: leases?.waitMs ?? 150,
      timers: options.timers ?? systemTimers,
      stats: this.#remote?.leases ?? newLeaseStats(),
    });
  }

  /** A fresh record that is in memory, at once. @param link as in `MemoryStore.get` */
  peek(key: string, link?: EntryLink<Prepared>): MemoryEntry<Prepared> | undefined {
    const entry = this.memory.get(key, link);
    if (entry === undefined || entry.record.freshUntil <= this.#now()) return undefined;
    this.#stats.hits += 1;
    return entry;
  }

  /**
   * In the order of the keys. Never rejects, and takes no longer than the remote tier's deadline.
   * @param source takes the leases for loading from this subgraph what is missing or no longer fresh. They come with
   * the tokens: whoever does not load in the end has to `release` them
   */
  async read(keys: readonly string[], source?: string): Promise<readonly TieredRead[]> {
    // Before the remote tier is asked: a purge meanwhile must win over what it answers.
    const begun = this.memory.begin();
    const reads = keys.map((key) => this.#readMemory(key, begun));
    const remote = this.#remote;
    if (remote === undefined) return reads;
    const wanted = reads.flatMap(({ token }, index) => (token === undefined ? [] : [index]));
    if (wanted.length === 0) return reads;
    const leases: LeaseRequest | undefined =
      source !== undefined && this.#isLeasing ? { source, mode: 'take' } : undefined;
    const answers = await remote.read(
      wanted.map((index) => keys[index] as string),
      leases,
    );
    for (const [position, index] of wanted.entries()) {
      const found = reads[index] as TieredRead;
      const { hit, token, lease } = answers[position] ?? {};
      const merged = this.#merge(remote, keys[index] as string, found, hit, { memory: begun, remote: token });
      reads[index] = lease === 'held' ? { isHeld: true, ...merged } : merged;
    }
    return reads;
  }

  /** Gives back the leases that came with these, where no write has done so. Never rejects. */
  async release(tokens: readonly (TieredToken | undefined)[]): Promise<void> {
    if (this.#isLeasing) await this.#remote?.release(tokens.flatMap((token) => token?.remote ?? []));
  }

  /** Permissions for loads that are about to begin, without looking for what is there. */
  async begin(keys: readonly string[]): Promise<readonly TieredToken[]> {
    const memory = this.memory.begin();
    const tokens = await this.#remote?.begin(keys);
    return keys.map((_, index) => ({ memory, remote: tokens?.[index] }));
  }

  /** Memory has it when this returns. */
  write(fills: readonly TieredFill[]): TieredWrite {
    const kept = fills.map(({ key, record, token }) => this.#keep(key, record, token.memory)?.record);
    // What memory refused for its tags is stale; what is only too large for it is not.
    const passed = fills.filter(({ record, token }) => this.memory.admits(token.memory, record.tags));
    return { kept, remote: this.#writeRemote(fills, passed) };
  }

  /**
   * Memory has forgotten when this returns; the promise, which never rejects, tells of the remote tier. Whether it was
   * told or not, what it holds under these tags is not served by this cache.
   */
  async invalidate({ tags, by, source }: TieredInvalidation): Promise<InvalidationResult> {
    const dropped = this.invalidateMemory({ tags, by });
    if (this.#remote === undefined) return { dropped, remote: 'none' };
    // Whether leases are in use here or not: the other processes may use them.
    const told = source === undefined ? tags : [...tags, leaseTag(source)];
    return { dropped, remote: (await this.#remote.invalidate(told)) ? 'told' : 'owed' };
  }

  /** Only for what the remote tier is known to have been told by somebody else. @returns how many records went */
  invalidateMemory({ tags, by }: Pick<Invalidation, 'tags' | 'by'>): number {
    const at = this.#now();
    for (const tag of tags) this.#purges.tagPurged({ tag, at, by });
    const dropped = this.memory.invalidate(tags, (key, tag) => this.#purges.keyPurged(key, { tag, at, by }));
    this.#stats.purges += 1;
    this.#stats.dropped += dropped;
    return dropped;
  }

  /** The last purge that hit the key, or one of the tags, while it is remembered. */
  lastPurge(key: string, tags?: readonly string[]): Purge | undefined {
    return this.#purges.last(key, tags);
  }

  /** Records under one of the tags, per tier. Walks everything in the remote one. @throws when it cannot be asked */
  async count(tags: readonly string[]): Promise<{ readonly memory: number; readonly remote: number }> {
    return { memory: this.memory.count(tags), remote: (await this.#remote?.count(tags)) ?? 0 };
  }

  /** How many tags the remote tier still has to be told; it is bypassed until that is 0. */
  get owedTags(): number {
    return this.#remote?.owedTags ?? 0;
  }

  /** Bypasses the remote tier until it was told of these: another worker could not tell it. */
  owe(tags: readonly string[]): void {
    this.#remote?.owe(tags);
  }

  /** Tries now to tell what is owed. @returns whether nothing is owed any more */
  async settle(): Promise<boolean> {
    return (await this.#remote?.settle()) ?? true;
  }

  /** By tier, since the start. */
  get stats(): { readonly memory: Readonly<TierStats>; readonly remote: Readonly<TierStats> | undefined } {
    return { memory: this.#stats, remote: this.#remote?.stats };
  }

  get leaseStats(): Readonly<LeaseStats> | undefined {
    return this.#isLeasing ? this.#remote?.leases : undefined;
  }

  get remoteName(): RemoteTier['name'] | undefined {
    return this.#remote?.name;
  }

  async close(): Promise<void> {
    this.memory.clear();
    await this.#remote?.close();
  }

  #readMemory(key: string, begun: number): TieredRead {
    const record = this.memory.get(key)?.record;
    const token: TieredToken = { memory: begun, remote: undefined };
    if (record === undefined) {
      this.#stats.misses += 1;
      return { token };
    }
    if (record.freshUntil > this.#now()) {
      this.#stats.hits += 1;
      return { hit: record, tier: 'memory', token: undefined };
    }
    this.#stats.stale += 1;
    return { hit: record, tier: 'memory', token };
  }

  /** What memory found, or the remote tier, whichever serves longer. */
  #merge(
    remote: RemoteCache,
    key: string,
    found: TieredRead,
    hit: CacheRecord | undefined,
    token: TieredToken,
  ): TieredRead {
    // A load that follows begins now. What was purged since is no longer in memory, and not to be had from there.
    const nextToken: TieredToken = { memory: this.memory.begin(), remote: token.remote };
    const stillFound =
      found.hit !== undefined && this.memory.admits(token.memory, found.hit.tags) ? found.hit : undefined;
    const usable = hit !== undefined && this.memory.admits(token.memory, hit.tags) ? hit : undefined;
    this.#countRemote(remote, usable);
    if (usable !== undefined && (stillFound === undefined || usable.freshUntil > stillFound.freshUntil)) {
      const record = this.#keep(key, usable, token.memory)?.record ?? usable;
      const isFresh = record.freshUntil > this.#now();
      return { hit: record, tier: remote.name, token: isFresh ? undefined : nextToken };
    }
    return stillFound === undefined
      ? { token: nextToken }
      : { hit: stillFound, tier: 'memory', token: nextToken };
  }

  /** What has come meanwhile is copied into memory, for all who wait for it. */
  async #look(keys: readonly string[], source: string): Promise<readonly LeaseLook[]> {
    const begun = this.memory.begin();
    const reads = (await this.#remote?.read(keys, { source, mode: 'look' })) ?? [];
    return keys.map((key, index): LeaseLook => {
      const { hit, token, lease } = reads[index] ?? {};
      if (hit !== undefined && hit.freshUntil > this.#now() && this.memory.admits(begun, hit.tags)) {
        this.#keep(key, hit, begun);
        return 'arrived';
      }
      if (lease === 'held') return 'held';
      return hit === undefined && token === undefined ? 'silent' : 'free';
    });
  }

  #keep(key: string, record: CacheRecord, begun: number): MemoryEntry<Prepared> | undefined {
    const entry = this.memory.set(key, record, begun);
    if (entry === undefined) this.#stats.refused += 1;
    else this.#stats.fills += 1;
    return entry;
  }

  #countRemote({ stats }: RemoteCache, hit: CacheRecord | undefined): void {
    if (hit === undefined) stats.misses += 1;
    else if (hit.freshUntil > this.#now()) stats.hits += 1;
    else stats.stale += 1;
  }

  async #writeRemote(
    fills: readonly TieredFill[],
    passed: readonly TieredFill[],
  ): Promise<readonly boolean[]> {
    const sent = passed.flatMap((fill) => {
      const { key, record, token } = fill;
      return token.remote === undefined ? [] : [{ fill, remote: { key, record, token: token.remote } }];
    });
    if (this.#remote === undefined || sent.length === 0) return fills.map(() => false);
    const answers = await this.#remote.write(sent.map(({ remote }) => remote)).catch(() => []);
    const stored = new Set(sent.filter((_, index) => answers[index]).map(({ fill }) => fill));
    return fills.map((fill) => stored.has(fill));
  }
}
