/** What a tier still has to be told. */
export type Owed =
  | { readonly everything: true }
  | { readonly everything: false; readonly tags: readonly string[] };

/**
 * The invalidations that a tier could not be told, until it was. Too many of them become one: everything.
 */
export class PurgeDebt {
  readonly #maxTags: number;
  #tags = new Set<string>();
  #everything = false;
  #settling = false;

  /** @param maxTags how many tags are remembered one by one @default 10000 */
  constructor(maxTags = 10_000) {
    this.#maxTags = maxTags;
  }

  get isEmpty(): boolean {
    return !this.#everything && !this.#settling && this.#tags.size === 0;
  }

  /** How many tags are owed; infinite when it is everything. */
  get size(): number {
    return this.#everything ? Number.POSITIVE_INFINITY : this.#tags.size;
  }

  add(tags: readonly string[]): void {
    if (this.#everything) return;
    for (const tag of tags) this.#tags.add(tag);
    if (this.#tags.size <= this.#maxTags) return;
    this.#everything = true;
    this.#tags.clear();
  }

  /**
   * Hands all that is owed to `tell`; what is added meanwhile stays owed.
   * @throws what `tell` throws: all of it is owed as before
   */
  async settle(tell: (owed: Owed) => Promise<void>): Promise<void> {
    const tags = this.#tags;
    const everything = this.#everything;
    this.#tags = new Set();
    this.#everything = false;
    this.#settling = true;
    try {
      await tell(everything ? { everything } : { everything, tags: [...tags] });
    } catch (error) {
      if (everything) {
        this.#everything = true;
        this.#tags.clear();
      } else {
        this.add([...tags]);
      }
      throw error;
    } finally {
      this.#settling = false;
    }
  }
}
