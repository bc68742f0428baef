/** An entry of a map, and the value behind it. */
const ENTRY_CHARACTERS = 250;
/** A map with nothing in it. */
const GROUP_CHARACTERS = 500;

/** By group, and then by text. */
type Texts<V> = Map<object | undefined, Map<string, V>>;

/**
 * What is known of texts that were asked for lately, in bounded memory: two maps, of which the older is forgotten as a
 * whole when the younger is full. A look-up writes nothing, unlike that of a list ordered by use; only what would be
 * forgotten is moved. The same text may stand in several groups: none has to be put into it that says to which it belongs.
 */
export class RecentTexts<V> {
  readonly #maxCharacters: number;
  #young: Texts<V> = new Map();
  #old: Texts<V> = new Map();
  #youngCharacters = 0;

  /** @param maxCharacters of all texts together, what belongs to them included */
  constructor(maxCharacters: number) {
    this.#maxCharacters = maxCharacters;
  }

  get size(): number {
    let size = 0;
    for (const texts of [...this.#young.values(), ...this.#old.values()]) size += texts.size;
    return size;
  }

  get(text: string, group?: object): V | undefined {
    const young = this.#young.get(group)?.get(text);
    if (young !== undefined) return young;
    const texts = this.#old.get(group);
    const old = texts?.get(text);
    if (old === undefined) return undefined;
    texts?.delete(text);
    this.set(text, old, group);
    return old;
  }

  /** For a text that `get` does not know. */
  set(text: string, value: V, group?: object): void {
    const characters = text.length + ENTRY_CHARACTERS;
    if (this.#youngCharacters + characters > this.#maxCharacters / 2) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#youngCharacters = 0;
    }
    let texts = this.#young.get(group);
    if (texts === undefined) {
      texts = new Map();
      this.#young.set(group, texts);
      this.#youngCharacters += GROUP_CHARACTERS;
    }
    texts.set(text, value);
    this.#youngCharacters += characters;
  }
}
