import { stringBytes } from './recordBytes.js';

/** Every remembered tag costs one slot of a map with its number. */
const SLOT_BYTES = 64;

/**
 * Decides whether what a load brings may be kept: its number is taken before the load, and each invalidation that
 * comes later has a higher one. Tags are known only after the load, so the numbers of recent invalidations are kept
 * per tag; where memory of them ends, everything that began earlier is refused.
 */
export class Fence {
  readonly #maxTags: number;
  readonly #maxBytes: number;
  readonly #invalidated = new Map<string, number>();
  #sequence = 0;
  #floor = 0;
  #bytes = 0;

  /**
   * @param maxTags how many invalidated tags are remembered @default 50000
   * @param maxBytes what they may take; tags can be long @default any
   */
  constructor(maxTags = 50_000, maxBytes = Number.POSITIVE_INFINITY) {
    this.#maxTags = maxTags;
    this.#maxBytes = maxBytes;
  }

  /** What the memory of invalidations takes, in bytes. */
  get bytes(): number {
    return this.#bytes;
  }

  /** To be taken before the load begins. */
  begin(): number {
    return this.#sequence;
  }

  /** Whether nothing under these tags was invalidated since. */
  admits(begun: number, tags: readonly string[]): boolean {
    if (begun < this.#floor) return false;
    if (begun === this.#sequence) return true;
    return tags.every((tag) => (this.#invalidated.get(tag) ?? 0) <= begun);
  }

  invalidate(tags: readonly string[]): void {
    this.#sequence += 1;
    for (const tag of tags) {
      // Deleted first, so that the order of the map is that of the numbers.
      if (!this.#invalidated.delete(tag)) this.#bytes += SLOT_BYTES + stringBytes(tag);
      this.#invalidated.set(tag, this.#sequence);
    }
    this.#forgetOldest();
  }

  /** Whatever began before is refused. */
  invalidateEverything(): void {
    this.#sequence += 1;
    this.#floor = this.#sequence;
    this.#invalidated.clear();
    this.#bytes = 0;
  }

  #forgetOldest(): void {
    for (const [tag, sequence] of this.#invalidated) {
      if (this.#invalidated.size <= this.#maxTags && this.#bytes <= this.#maxBytes) return;
      this.#invalidated.delete(tag);
      this.#bytes -= SLOT_BYTES + stringBytes(tag);
      this.#floor = sequence;
    }
  }
}
