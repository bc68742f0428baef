import type { LeaseState } from './lease.js';

/** One cached answer: a subgraph's root fetch, one entity of one subgraph, or a whole response. */
export interface CacheRecord {
  /** JSON text, exactly as it was stored. */
  readonly body: string;
  /** Everything that makes it stale when it changes; never empty. */
  readonly tags: readonly string[];
  /** When the subgraph made it, in ms since the epoch: `Age` counts from here. */
  readonly createdAt: number;
  /** Until then it is fresh, in ms since the epoch. */
  readonly freshUntil: number;
  /** Until then it may be served while it is loaded again; `freshUntil` when it may not. */
  readonly staleUntil: number;
  /** Until then it may be served when loading fails; `freshUntil` when it may not. */
  readonly errorUntil: number;
  /** What `Cache-Control` allows others: `private` is kept per identity only. */
  readonly scope: 'public' | 'private';
}

/**
 * Permission to store what a load brings, taken before the load began. A tier refuses the fill when one of the
 * record's tags was invalidated since, however late the record arrives. Opaque; belongs to one tier, and to one key.
 */
export type FillToken = { readonly __brand: 'FillToken' };

export type TierRead = (
  | /** `token` comes with a record that is no longer fresh: whoever serves it loads it anew. */
  { readonly hit: CacheRecord; readonly token?: FillToken | undefined }
  /** `token` is `undefined` when the tier is out of reach: nothing can be stored then. */
  | { readonly hit?: undefined; readonly token: FillToken | undefined }
) & {
  /** Where leases were asked for. One that was taken comes with the token, and goes with it. */
  readonly lease?: LeaseState | undefined;
};

export interface Fill {
  readonly key: string;
  readonly record: CacheRecord;
  readonly token: FillToken;
}

/** What the tiers share. The memory tier answers at once; a remote tier answers within its deadline, or as if empty. */
export interface CacheTier {
  readonly name: 'memory' | 'redis' | 'keyv';
  /** In the order of `keys`. A record past all its times, purged, corrupt, or of another format is a miss. */
  read(keys: readonly string[]): Promise<readonly TierRead[]>;
  /** Whether each fill was stored. A refused fill leaves what is there. */
  write(fills: readonly Fill[]): Promise<readonly boolean[]>;
  /**
   * When it resolves, no record under one of these tags, and no load that began before, is served from this tier.
   * @throws when the tier could not be told: the caller must not read it until it was
   */
  invalidate(tags: readonly string[]): Promise<void>;
  /** How many records are under one of these tags. May walk everything: for operators, not for requests. */
  count(tags: readonly string[]): Promise<number>;
  close(): Promise<void>;
}
