/** Collects, during one request, the tags of what its mutations changed. */
export class ChangedTags {
  readonly #tags = new Set<string>();

  add(...tags: readonly string[]): void {
    for (const tag of tags) this.#tags.add(tag);
  }

  get isEmpty(): boolean {
    return this.#tags.size === 0;
  }

  /** Each tag once, in the order in which it was added. */
  toArray(): string[] {
    return [...this.#tags];
  }
}
