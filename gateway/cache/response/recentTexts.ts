/** An entry of a map, and the value behind it. */
const ENTRY_CHARACTERS = 250;
/** A map with nothing in it. */
const GROUP_CHARACTERS = 500;

/** What texts have in common; the same text may stand in several groups. */
export interface TextGroup {
  /** What it takes itself, as long as a text is known in it. */
  readonly characters: number;
}

/** By group, and then by text. */
type Texts<V> = Map<TextGroup | undefined, Map<string, V>>;

/**
 * What is known of texts that were asked for lately, in bounded memory: two maps, of which the older is forgotten as a
 * whole when the younger is full. A look-up writes nothing, unlike that of a list ordered by use; only what would be
 * forgotten is moved.
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

  get(text: string, group?: TextGroup): V | undefined {
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
  set(text: string, value: V, group?: TextGroup): void {
    const characters = text.length + ENTRY_CHARACTERS;
    const groupCharacters = GROUP_CHARACTERS + (group?.characters ?? 0);
    let texts = this.#young.get(group);
    const added = characters + (texts === undefined ? groupCharacters : 0);
    if (this.#youngCharacters + added > this.#maxCharacters / 2) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#youngCharacters = 0;
      texts = undefined;
    }
    if (texts === undefined) {
      texts = new Map();
      this.#young.set(group, texts);
      this.#youngCharacters += groupCharacters;
    }
    texts.set(text, value);
    this.#youngCharacters += characters;
  }
}
