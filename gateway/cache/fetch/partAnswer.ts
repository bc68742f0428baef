import type { CacheRecord } from '../cacheTier.js';
import type { Loaded, LoadedPart } from './loaded.js';

/** How one part of a fetch was answered. */
export type PartAnswer =
  | {
      readonly kind: 'hit' | 'stale' | 'staleIfError';
      readonly record: CacheRecord;
      readonly tier: 'memory' | 'redis' | 'keyv';
    }
  | {
      readonly kind: 'miss' | 'joined';
      readonly loaded: LoadedPart;
      /** The whole that it is a part of. */
      readonly from: Loaded;
    }
  | { readonly kind: 'failed'; readonly error: unknown };
