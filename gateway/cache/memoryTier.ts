import type { CacheTier, FillToken } from './cacheTier.js';
import type { MemoryStore } from './memoryStore.js';

class MemoryToken {
  declare readonly __brand: 'FillToken';

  constructor(
    readonly store: MemoryStore,
    readonly key: string,
    readonly begun: number,
  ) {}
}

/** The memory store behind the interface that all tiers share. */
export function memoryTier(store: MemoryStore, now: () => number = Date.now): CacheTier {
  const tokenFor = (key: string): FillToken => new MemoryToken(store, key, store.begin());
  return {
    name: 'memory',
    async read(keys) {
      return keys.map((key) => {
        const entry = store.get(key);
        if (entry === undefined) return { token: tokenFor(key) };
        const { record } = entry;
        return { hit: record, token: record.freshUntil > now() ? undefined : tokenFor(key) };
      });
    },
    async write(fills) {
      return fills.map(({ key, record, token }) => {
        if (!(token instanceof MemoryToken) || token.store !== store || token.key !== key) return false;
        return store.set(key, record, token.begun) !== undefined;
      });
    },
    async invalidate(tags) {
      store.invalidate(tags);
    },
    async count(tags) {
      return store.count(tags);
    },
    async close() {
      store.clear();
    },
  };
}
