/** Tags that are being invalidated in a tier at this moment, so that what it answers cannot be trusted for them. */
export class PendingTags {
  readonly #counts = new Map<string, number>();

  /** @returns a function that ends it, to be called once */
  begin(tags: readonly string[]): () => void {
    for (const tag of tags) this.#counts.set(tag, (this.#counts.get(tag) ?? 0) + 1);
    return () => {
      for (const tag of tags) {
        const count = (this.#counts.get(tag) ?? 0) - 1;
        if (count > 0) this.#counts.set(tag, count);
        else this.#counts.delete(tag);
      }
    };
  }

  /** Those of now, as a check that stays what it is. */
  snapshot(): (tags: readonly string[]) => boolean {
    if (this.#counts.size === 0) return () => false;
    const pending = new Set(this.#counts.keys());
    return (tags) => tags.some((tag) => pending.has(tag));
  }
}
