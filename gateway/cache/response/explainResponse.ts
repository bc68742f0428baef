import type { CacheExplanation, FetchExplanation } from '../fetchExplanation.js';
import type { ResponseFacts } from '../responseFacts.js';
import type { TieredCache } from '../tieredCache.js';
import type { PreparedResponse } from './preparedResponse.js';
import type { LoadedResponse } from './responseCache.js';
import type { ResponseKeys } from './responseKeys.js';

export interface ExplainResponseOptions {
  readonly store: TieredCache<PreparedResponse>;
  readonly keys: ResponseKeys;
  readonly facts: ResponseFacts;
  readonly fetches: readonly FetchExplanation[];
  readonly now: number;
}

/** Adds to a response how it came about. The explanation is never kept: it is of this moment. */
export function explainResponse(loaded: LoadedResponse, options: ExplainResponseOptions): LoadedResponse {
  const { store, keys, facts, fetches, now } = options;
  const body = JSON.parse(loaded.body) as { extensions?: Record<string, unknown> };
  const key = loaded.identityBound || loaded.private ? keys.scoped : keys.shared;
  const record = store.memory.get(key)?.record;
  const tags = [...facts.tags];
  const cache: CacheExplanation = {
    response: {
      outcome: record === undefined ? 'miss' : 'hit',
      key,
      tier: record && 'memory',
      tags,
      ageMs: record && now - record.createdAt,
      remainingTtlMs: Math.max(0, (record ?? facts).freshUntil - now),
      lastPurge: store.lastPurge(key, tags),
    },
    uncacheable: facts.uncacheable,
    fetches,
  };
  return {
    ...loaded,
    facts: undefined,
    body: JSON.stringify({ ...body, extensions: { ...body.extensions, cache } }),
  };
}
