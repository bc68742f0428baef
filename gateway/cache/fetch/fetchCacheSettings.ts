/** How the answers of one subgraph are kept. */
export interface FetchCacheSettings {
  /** Off, nothing of it is kept or shared. */
  readonly enabled: boolean;
  /** Whether it is sent the caller's identity: then what it answers is kept and shared per identity. */
  readonly forwardIdentity: boolean;
  /** Names, lower case, of the client's headers that it is sent: no other reaches it. They are part of every key. */
  readonly propagateHeaders: readonly string[];
  /** For answers that name no time themselves; `undefined` keeps none of those. */
  readonly defaultTtlMs: number | undefined;
  /** However long a subgraph allows. */
  readonly maxTtlMs: number;
  /** The longest that "there is none" is kept. */
  readonly negativeTtlMs: number;
  /** For answers that do not say themselves how long they may be served stale. */
  readonly staleWhileRevalidateMs: number;
  readonly staleIfErrorMs: number;
  /** Part of a record's time that is taken off at random, from 0 to 1, so that records made together do not end together. */
  readonly ttlJitter: number;
  /** An answer with more tags is not kept: it would cost more to purge than to ask again. */
  readonly maxTags: number;
}

export const defaultFetchCacheSettings: FetchCacheSettings = {
  enabled: true,
  forwardIdentity: false,
  propagateHeaders: [],
  defaultTtlMs: undefined,
  maxTtlMs: 24 * 60 * 60 * 1000,
  negativeTtlMs: 5_000,
  staleWhileRevalidateMs: 0,
  staleIfErrorMs: 0,
  ttlJitter: 0.1,
  maxTags: 5_000,
};
