/** An entry of a map, and the value behind it. */
const ENTRY_CHARACTERS = 250;

/**
 * What is known of texts that were asked for lately, in bounded memory: two maps, of which the older is forgotten as a
 * whole when the younger is full. A look-up writes nothing, unlike that of a list ordered by use; only what would be
 * forgotten is moved.
 */
export class RecentTexts<V> {
  readonly #maxCharacters: number;
  #young = new Map<string, V>();
  #old = new Map<string, V>();
  #youngCharacters = 0;

  /** @param maxCharacters of all texts together, what belongs to them included */
  constructor(maxCharacters: number) {
    this.#maxCharacters = maxCharacters;
  }

  get size(): number {
    return this.#young.size + this.#old.size;
  }

  get(text: string): V | undefined {
    const young = this.#young.get(text);
    if (young !== undefined) return young;
    const old = this.#old.get(text);
    if (old === undefined) return undefined;
    this.#old.delete(text);
    this.#add(text, old);
    return old;
  }

  /** For a text that `get` does not know. */
  set(text: string, value: V): void {
    this.#add(text, value);
  }

  #add(text: string, value: V): void {
    const characters = text.length + ENTRY_CHARACTERS;
    if (this.#youngCharacters + characters > this.#maxCharacters / 2) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#youngCharacters = 0;
    }
    this.#young.set(text, value);
    this.#youngCharacters += characters;
  }
}
