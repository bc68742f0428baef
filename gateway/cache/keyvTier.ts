import { randomBytes } from 'node:crypto';
import type { Keyv } from 'keyv';
import { boundedKeyvStore } from './boundedKeyvStore.js';
import type { CacheRecord, FillToken } from './cacheTier.js';
import { Fence } from './fence.js';
import { endOf } from './recordBytes.js';
import { openEnvelopeKeyv, type StampedRecord } from './redis/envelope.js';
import type { RemoteTier } from './remoteTier.js';

export interface KeyvTierOptions {
  /** For records and keys. @default 67108864, 64 MiB */
  readonly maxBytes?: number;
  /** How many invalidated tags are remembered; records older than that are misses. @default 50000 */
  readonly maxInvalidatedTags?: number;
  /** In ms since the epoch. @default Date.now */
  readonly now?: () => number;
}

export interface KeyvTier extends RemoteTier {
  readonly name: 'keyv';
  readonly keyv: Keyv<StampedRecord>;
}

class KeyvToken {
  declare readonly __brand: 'FillToken';

  constructor(
    readonly key: string,
    readonly incarnation: string,
    readonly begun: number,
  ) {}
}

/**
 * The tier behind the memory tier where there is no Redis: Keyv in this process's memory. Keyv cannot check and write
 * in one step, so records carry their sequence number and are checked when they are read, as in Redis.
 */
export function createKeyvTier(options: KeyvTierOptions = {}): KeyvTier {
  const { maxBytes = 64 * 1024 * 1024, maxInvalidatedTags, now = Date.now } = options;
  const store = boundedKeyvStore(maxBytes);
  const keyv = openEnvelopeKeyv(store);
  const fence = new Fence(maxInvalidatedTags);
  // What another process has left in the store, if it was kept, was never told of our invalidations.
  const incarnation = randomBytes(8).toString('hex');

  async function lookUp(key: string): Promise<CacheRecord | undefined> {
    const stamped = await keyv.get(key).catch(() => undefined);
    if (stamped === undefined || stamped.incarnation !== incarnation) return undefined;
    const { record, sequence } = stamped;
    return fence.admits(Number(sequence), record.tags) && endOf(record) > now() ? record : undefined;
  }

  return {
    name: 'keyv',
    keyv,

    async read(keys) {
      const tokens = keys.map((key): FillToken => new KeyvToken(key, incarnation, fence.begin()));
      const records = await Promise.all(keys.map(lookUp));
      return records.map((record, index) => {
        const token = tokens[index];
        if (record === undefined) return { token };
        return { hit: record, token: record.freshUntil > now() ? undefined : token };
      });
    },

    async begin(keys) {
      return keys.map((key) => new KeyvToken(key, incarnation, fence.begin()));
    },

    async release() {},

    async write(fills) {
      return Promise.all(
        fills.map(async ({ key, record, token }) => {
          if (!(token instanceof KeyvToken) || token.key !== key || token.incarnation !== incarnation)
            return false;
          if (endOf(record) <= now() || !fence.admits(token.begun, record.tags)) return false;
          return keyv.set(key, { record, incarnation, sequence: String(token.begun) }).catch(() => false);
        }),
      );
    },

    async invalidate(tags) {
      fence.invalidate(tags);
    },

    async purgeEverything() {
      fence.invalidateEverything();
      await keyv.clear();
    },

    async count(tags) {
      const wanted = new Set(tags);
      let count = 0;
      for (const key of [...store.keys()]) {
        if ((await lookUp(key))?.tags.some((tag) => wanted.has(tag))) count += 1;
      }
      return count;
    },

    async close() {
      await keyv.clear();
    },
  };
}
