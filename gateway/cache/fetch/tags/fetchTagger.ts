import type { Supergraph } from '@apollo/federation-internals';
import { LRUCache } from 'lru-cache';
import { compileFetchTags, type FetchTags } from './compileFetchTags.js';
import { createSubgraphModels, type SubgraphModel } from './subgraphModel.js';

/** Knows, for one supergraph, how to tag what each subgraph answers. */
export interface FetchTagger {
  /** Identifies the schema of one subgraph; `undefined` when there is no such subgraph. */
  fingerprint(subgraph: string): string | undefined;
  /** Compiled once per query. `undefined` when nothing certain can be said about the answer: do not cache it. */
  tagsFor(subgraph: string, query: string): FetchTags | undefined;
}

export interface FetchTaggerOptions {
  /** Queries that are kept compiled. @default 10_000 */
  readonly maxQueries?: number;
}

/** Works out at once what has to be known of the subgraphs, so that no request has to wait for it. */
export function createFetchTagger(
  supergraph: Supergraph,
  { maxQueries = 10_000 }: FetchTaggerOptions = {},
): FetchTagger {
  const models = createSubgraphModels(supergraph);
  const compiled = new LRUCache<string, { readonly tags: FetchTags | undefined }>({ max: maxQueries });

  return {
    fingerprint: (subgraph) => models.get(subgraph)?.fingerprint,
    tagsFor(subgraph, query) {
      const key = `${subgraph}\n${query}`;
      let known = compiled.get(key);
      if (known === undefined) {
        known = { tags: tryCompile(models.get(subgraph), query) };
        compiled.set(key, known);
      }
      return known.tags;
    },
  };
}

function tryCompile(model: SubgraphModel | undefined, query: string): FetchTags | undefined {
  if (model === undefined) return undefined;
  try {
    return compileFetchTags(model, query);
  } catch {
    // The planner and this model disagree about the schema: what cannot be tagged is not cached, but still answered.
    return undefined;
  }
}
