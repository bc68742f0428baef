import { LRUCache } from 'lru-cache';
import type { Authority } from '../authorization/authority.js';

/** One operation as clients send it. */
export interface ClientOperation {
  /** The document, as it was sent. */
  readonly text: string;
  readonly operationName: string | undefined;
  /** Of who sends it: what they may not see is not in their plan. Nobody in particular, when absent. */
  readonly authority?: Authority | undefined;
}

/** What a gateway was asked of late: what a new supergraph is to be ready for. */
export interface RecentOperations {
  /** @param documentKey identifies the document's text, such as its hash */
  note(operation: ClientOperation, documentKey: string): void;
  /** Most used first. */
  mostUsed(limit: number): readonly ClientOperation[];
}

/** Documents take far more memory than names: their characters are what is bounded. */
const MAX_CHARACTERS = 4 * 1024 * 1024;
const OVERHEAD_CHARACTERS = 300;

/** Keeps the operations that were used last, with how often. */
export function createRecentOperations(maxCharacters = MAX_CHARACTERS): RecentOperations {
  const counts = new LRUCache<string, { readonly operation: ClientOperation; count: number }>({
    maxSize: maxCharacters,
    maxEntrySize: maxCharacters,
    sizeCalculation: ({ operation }) => operation.text.length + OVERHEAD_CHARACTERS,
  });
  return {
    note(operation, documentKey) {
      const authority = whoever(operation.authority);
      const who = authority && `${authority.identity?.scopes}:${authority.policies}`;
      const key = `${documentKey}:${operation.operationName ?? ''}:${who ?? ''}`;
      const known = counts.get(key);
      if (known === undefined) counts.set(key, { operation: { ...operation, authority }, count: 1 });
      else known.count += 1;
    },
    mostUsed(limit) {
      return [...counts.values()]
        .sort((a, b) => b.count - a.count)
        .slice(0, limit)
        .map(({ operation }) => operation);
    },
  };
}

/** What plans depend on, without who it is: nobody has to be remembered here. */
function whoever(authority: Authority | undefined): Authority | undefined {
  if (authority?.identity === undefined) return authority?.policies.length ? authority : undefined;
  const { scopes } = authority.identity;
  return { identity: { subject: '', ...(scopes && { scopes }) }, policies: authority.policies };
}
