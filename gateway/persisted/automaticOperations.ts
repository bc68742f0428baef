import { LRUCache } from 'lru-cache';

/** What Apollo Server asks of a store. */
export interface OperationStore {
  get(key: string): Promise<string | undefined>;
  set(key: string, text: string): Promise<void>;
  delete(key: string): Promise<boolean>;
}

export interface AutomaticOperations {
  /** What a client has registered under this hash. */
  find(hash: string): string | undefined;
  /** @param hash the SHA-256 of the text, in hex */
  keep(hash: string, text: string): void;
  /** Where Apollo Server registers what is valid; it has compared hash and text. */
  readonly store: OperationStore;
}

/** That of Apollo Server, before each hash. */
const PREFIX = 'apq:';
/** Of one entry, beside its text. */
const OVERHEAD_BYTES = 300;

/** Operations that clients have registered (automatic persisted queries), the least recently used given up first. */
export function createAutomaticOperations(maxBytes: number): AutomaticOperations {
  const texts = new LRUCache<string, string>({
    maxSize: maxBytes,
    // Two bytes for each character, as where one is beyond Latin 1.
    sizeCalculation: (text) => text.length * 2 + OVERHEAD_BYTES,
  });
  return {
    find: (hash) => texts.get(PREFIX + hash),
    keep(hash, text) {
      texts.set(PREFIX + hash, text);
    },
    store: {
      get: async (key) => texts.get(key),
      async set(key, text) {
        texts.set(key, text);
      },
      delete: async (key) => texts.delete(key),
    },
  };
}
