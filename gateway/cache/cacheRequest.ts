import type { ResponseFacts } from './responseFacts.js';

/** How one client request uses the caches; part of the request's context. */
export interface CacheRequest {
  /** False for `Cache-Control: no-cache`: everything is loaded anew, and stored. */
  readonly mayRead: boolean;
  /** False for `Cache-Control: no-store`. */
  readonly mayStore: boolean;
  /** Hash of the identity; `undefined` for nobody. Private answers are kept under it alone, or not at all. */
  readonly identityKey: string | undefined;
  readonly facts: ResponseFacts;
  /** Present when this request may see, and asked for, how its parts were answered. */
  readonly explain: FetchExplanation[] | undefined;
}

/** How one fetch was answered, for the developer who asks. */
export interface FetchExplanation {
  readonly subgraph: string;
  readonly fetchId: number;
  readonly outcome: 'hit' | 'stale' | 'miss' | 'partial' | 'bypass' | 'joined';
  readonly reason: string;
  /** One per record that was looked at: the root fetch, or each entity. */
  readonly records: readonly RecordExplanation[];
}

export interface RecordExplanation {
  readonly key: string;
  readonly tier: 'memory' | 'redis' | 'keyv' | undefined;
  readonly tags: readonly string[];
  readonly ageMs: number | undefined;
  readonly remainingTtlMs: number | undefined;
  /** The last invalidation that hit this record's key or tags, while it is remembered. */
  readonly lastPurge: { readonly tag: string; readonly at: number; readonly by: string } | undefined;
}
