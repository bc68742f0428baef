/** How one fetch was answered, for the developer who asks. Types alone: the explorer's page reads them too. */
export interface FetchExplanation {
  readonly subgraph: string;
  readonly fetchId: number;
  readonly outcome: 'hit' | 'stale' | 'miss' | 'partial' | 'bypass' | 'joined';
  readonly reason: string;
  /** Why the answer, or an entity of it, may not be kept: each reason once. Empty when all of it may. */
  readonly notKept: readonly string[];
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

/** Why a response cannot be kept, in words for the developer who asks. */
export interface Uncacheable {
  readonly subgraph: string;
  readonly reason: string;
}

/** `extensions.cache` of a response whose client asked for it and may have it. */
export interface CacheExplanation {
  /** What the whole response would have been answered with, had nobody asked; it was made anew for the explanation. */
  readonly response: RecordExplanation & { readonly outcome: 'hit' | 'miss' };
  /** Why the response cannot be kept as a whole; empty when it can. */
  readonly uncacheable: readonly Uncacheable[];
  /** How each fetch was answered, in the order in which they ended. */
  readonly fetches: readonly FetchExplanation[];
}
