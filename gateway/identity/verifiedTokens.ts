import { LRUCache } from 'lru-cache';
import type { Caller } from './caller.js';

/** What a verified token takes besides its text: the entry, the caller and its key. */
const ENTRY_BYTES = 600;

export interface VerifiedTokens {
  /** Undefined for a token that was not verified, or is past its end. @param token with whatever it was sent with */
  get(token: string): Caller | undefined;
  set(token: string, caller: Caller & { readonly expiresAt: number }): void;
  clear(): void;
  readonly size: number;
}

/** Tokens that were verified, each until it expires, bounded in number and bytes; the least recently used go first. */
export function createVerifiedTokens(options: {
  readonly maxEntries: number;
  readonly maxBytes: number;
  /** @default Date.now */
  readonly now?: () => number;
}): VerifiedTokens {
  const { maxEntries, maxBytes, now = Date.now } = options;
  const callers = new LRUCache<string, Caller & { readonly expiresAt: number }>({
    max: maxEntries,
    maxSize: maxBytes,
    // The claims are a part of the token, which is longer than they are.
    sizeCalculation: (_caller, token) => ENTRY_BYTES + 2 * token.length,
  });
  return {
    get(token) {
      const caller = callers.get(token);
      if (caller === undefined) return undefined;
      if (caller.expiresAt > now()) return caller;
      callers.delete(token);
      return undefined;
    },
    set(token, caller) {
      if (caller.expiresAt > now()) callers.set(token, caller);
    },
    clear: () => callers.clear(),
    get size() {
      return callers.size;
    },
  };
}
