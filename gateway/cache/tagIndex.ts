import { ownCopy, stringBytes } from './recordBytes.js';

/** Slot of the map and the object behind it, for each distinct tag. */
const TAG_BYTES = 176;
/** A set that has just been made; most tags have one record and need none. */
const SET_BYTES = 200;

/** What each link between a record and a tag takes: a slot in the record's list, and one in the tag's set. */
export const LINK_BYTES = 80;

interface Tagged<T> {
  readonly tag: string;
  only: T | undefined;
  several: Set<T> | undefined;
}

/** From tag to what bears it, in as little memory as possible, and counted. */
export class TagIndex<T> {
  readonly #tags = new Map<string, Tagged<T>>();
  #bytes = 0;

  /** What the tags themselves take, in bytes, besides `LINK_BYTES` for each link. */
  get bytes(): number {
    return this.#bytes;
  }

  /** @returns the tags as they are kept here, so that the item need not keep copies of them */
  add(item: T, tags: readonly string[]): readonly string[] {
    const kept: string[] = [];
    for (const tag of tags.length > 1 ? new Set(tags) : tags) kept.push(this.#link(item, tag));
    return kept;
  }

  remove(item: T, tags: readonly string[]): void {
    for (const tag of tags) {
      const tagged = this.#tags.get(tag);
      if (tagged === undefined) continue;
      tagged.several?.delete(item);
      if (tagged.only === item) tagged.only = undefined;
      if (tagged.only === undefined && (tagged.several === undefined || tagged.several.size === 0)) {
        this.#tags.delete(tag);
        this.#bytes -= bytesOf(tagged);
      }
    }
  }

  /** What bears one of the tags, each once. */
  find(tags: readonly string[]): Set<T> {
    const found = new Set<T>();
    for (const tag of tags) for (const item of this.under(tag)) found.add(item);
    return found;
  }

  /** A list of its own: what is found may be removed while it is walked. */
  under(tag: string): readonly T[] {
    const tagged = this.#tags.get(tag);
    if (tagged === undefined) return [];
    if (tagged.several !== undefined) return [...tagged.several];
    return tagged.only === undefined ? [] : [tagged.only];
  }

  #link(item: T, tag: string): string {
    const known = this.#tags.get(tag);
    if (known === undefined) {
      const tagged: Tagged<T> = { tag: ownCopy(tag), only: item, several: undefined };
      this.#tags.set(tagged.tag, tagged);
      this.#bytes += bytesOf(tagged);
      return tagged.tag;
    }
    if (known.several !== undefined) {
      known.several.add(item);
    } else if (known.only === undefined || known.only === item) {
      known.only = item;
    } else {
      known.several = new Set([known.only, item]);
      known.only = undefined;
      this.#bytes += SET_BYTES;
    }
    return known.tag;
  }
}

function bytesOf(tagged: Tagged<unknown>): number {
  return TAG_BYTES + stringBytes(tagged.tag) + (tagged.several === undefined ? 0 : SET_BYTES);
}
