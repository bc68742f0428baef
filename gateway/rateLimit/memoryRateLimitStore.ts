import { LRUCache } from 'lru-cache';
import { type Quota, takeInterval, type Verdict, verdictOn } from './gcra.js';
import type { RateLimitStore } from './rateLimitStore.js';

export interface MemoryRateLimitStoreOptions {
  /** With more, the one unseen for longest is forgotten: it has its whole quota again. */
  readonly maxEntries: number;
  /** In ms since the epoch. @default Date.now */
  readonly now?: () => number;
}

export interface MemoryRateLimitStore extends RateLimitStore {
  readonly size: number;
  /** At once: a cache hit does not wait for a promise. */
  spend(key: string, quota: Quota): Verdict;
}

/** Of this process alone. */
export function createMemoryRateLimitStore(options: MemoryRateLimitStoreOptions): MemoryRateLimitStore {
  const { maxEntries, now = Date.now } = options;
  // An object that is changed in place: one look-up per request.
  const entries = new LRUCache<string, { paidUntilUs: number }>({ max: maxEntries });
  return {
    get size() {
      return entries.size;
    },
    spend(key, quota) {
      const nowUs = now() * 1_000;
      const entry = entries.get(key);
      const { isAdmitted, paidUntilUs } = takeInterval(entry?.paidUntilUs ?? 0, nowUs, quota);
      if (entry === undefined) entries.set(key, { paidUntilUs });
      else entry.paidUntilUs = paidUntilUs;
      return verdictOn(isAdmitted, paidUntilUs - nowUs, quota);
    },
    async close() {},
  };
}
