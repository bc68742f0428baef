import type { KeyvStoreAdapter } from 'keyv';
import { LRUCache } from 'lru-cache';
import { ownCopy, stringBytes } from './recordBytes.js';

/** Slots of one entry in the LRU list. */
const ENTRY_BYTES = 160;

export interface BoundedKeyvStore extends KeyvStoreAdapter {
  keys(): IterableIterator<string>;
}

/** A store for Keyv in this process's memory that does not grow beyond its bounds, as a plain `Map` would. */
export function boundedKeyvStore(maxBytes: number): BoundedKeyvStore {
  const entries = new LRUCache<string, string>({
    maxSize: maxBytes,
    sizeCalculation: (value, key) => ENTRY_BYTES + stringBytes(key) + stringBytes(value),
  });
  return {
    opts: {},
    async get<Value>(key: string) {
      return entries.get(key) as Value | undefined;
    },
    async set(key: string, value: string) {
      entries.set(ownCopy(key), ownCopy(value));
      return true;
    },
    async delete(key: string) {
      return entries.delete(key);
    },
    async clear() {
      entries.clear();
    },
    on() {
      return this;
    },
    keys: () => entries.keys(),
  };
}
