import type { Invalidation } from './invalidation.js';

export interface Purge {
  readonly tag: string;
  /** In ms since the epoch. */
  readonly at: number;
  readonly by: Invalidation['by'];
}

/** It is bounded by numbers, and what sends tags is not ours: longer ones are purged, and not told of. */
const MAX_TAG_CHARACTERS = 2_000;

/** Remembers the latest purges for the developer who asks why something was not served from cache. */
export class PurgeLog {
  readonly #max: number;
  readonly #byTag = new Map<string, Purge>();
  readonly #byKey = new Map<string, Purge>();

  /** @param max how many tags, and how many keys, are remembered @default 5000 */
  constructor(max = 5_000) {
    this.#max = max;
  }

  tagPurged(purge: Purge): void {
    if (purge.tag.length > MAX_TAG_CHARACTERS) return;
    this.#put(this.#byTag, purge.tag, purge);
  }

  keyPurged(key: string, purge: Purge): void {
    this.#put(this.#byKey, key, purge);
  }

  /** The last one that hit the key, or one of the tags, while it is remembered. */
  last(key: string, tags: readonly string[] = []): Purge | undefined {
    let last = this.#byKey.get(key);
    for (const tag of tags) {
      const purge = this.#byTag.get(tag);
      if (purge !== undefined && (last === undefined || purge.at > last.at)) last = purge;
    }
    return last;
  }

  #put(log: Map<string, Purge>, name: string, purge: Purge): void {
    log.delete(name);
    log.set(name, purge);
    if (log.size > this.#max) log.delete(log.keys().next().value as string);
  }
}
