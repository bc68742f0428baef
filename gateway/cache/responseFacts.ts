import type { CacheRecord } from './cacheTier.js';
import type { Uncacheable } from './fetchExplanation.js';

/** What one answer of a subgraph (or one entity of it) allows to be done with it. */
export type AnswerFacts = Omit<CacheRecord, 'body'>;

/**
 * Collects, over all fetches of one request, what holds for the whole response: the earliest of the times, all of the
 * tags, `private` as soon as one part is. One part that cannot be kept makes the response one that cannot be kept.
 */
export class ResponseFacts {
  readonly tags = new Set<string>();
  readonly uncacheable: Uncacheable[] = [];
  createdAt = Number.POSITIVE_INFINITY;
  freshUntil = Number.POSITIVE_INFINITY;
  staleUntil = Number.POSITIVE_INFINITY;
  errorUntil = Number.POSITIVE_INFINITY;
  scope: 'public' | 'private' = 'public';
  /** Set once a subgraph that is told who asks had a part: the response can differ between identities. */
  identityBound = false;
  /** Set once a part is for whoever asked alone: others who want the same have to ask for themselves. */
  apart = false;

  /**
   * Set once a part was not loaded for this request: it came from this process's memory, or from a load that was under
   * way. Purges of the shared cache since then may not have been heard of here yet.
   */
  isComposed = false;

  add(facts: AnswerFacts): void {
    for (const tag of facts.tags) this.tags.add(tag);
    this.createdAt = Math.min(this.createdAt, facts.createdAt);
    this.freshUntil = Math.min(this.freshUntil, facts.freshUntil);
    this.staleUntil = Math.min(this.staleUntil, facts.staleUntil);
    this.errorUntil = Math.min(this.errorUntil, facts.errorUntil);
    if (facts.scope === 'private') this.scope = 'private';
  }

  refuse(subgraph: string, reason: string): void {
    this.uncacheable.push({ subgraph, reason });
  }

  /** `undefined` when the response must not be kept: no part said that it may, or one said that it may not. */
  toFacts(): AnswerFacts | undefined {
    if (this.uncacheable.length > 0 || this.tags.size === 0) return undefined;
    const { createdAt, freshUntil, staleUntil, errorUntil, scope } = this;
    return { tags: [...this.tags], createdAt, freshUntil, staleUntil, errorUntil, scope };
  }
}
