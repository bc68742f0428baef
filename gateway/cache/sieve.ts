/** What a `Sieve` needs of each item. The links are its own: a list of other objects would be one more for each. */
export interface SieveItem<T> {
  readonly key: string;
  wasUsed: boolean;
  newer: T | undefined;
  older: T | undefined;
}

/**
 * Items by key, and which of them to drop when something has to be: SIEVE (Zhang et al., NSDI 2024). A hand goes from
 * the oldest towards the newest and takes out the first item that was not used since it came by before.
 *
 * A use writes one flag, where a list by last use is relinked each time. And items that nobody asks for twice do not push
 * out those that are used again and again, such as answers of which no two are alike, and the entities in them.
 */
export class Sieve<T extends SieveItem<T>> {
  readonly #items = new Map<string, T>();
  #newest: T | undefined;
  #oldest: T | undefined;
  /** Where the search for what to drop goes on; at the oldest, when there is none. */
  #hand: T | undefined;

  get size(): number {
    return this.#items.size;
  }

  /** Counts as a use. */
  get(key: string): T | undefined {
    const item = this.#items.get(key);
    if (item !== undefined) item.wasUsed = true;
    return item;
  }

  /** Counts as none. */
  peek(key: string): T | undefined {
    return this.#items.get(key);
  }

  /** For a key that is not here, and an item without links. */
  add(item: T): void {
    item.older = this.#newest;
    if (this.#newest === undefined) this.#oldest = item;
    else this.#newest.newer = item;
    this.#newest = item;
    this.#items.set(item.key, item);
  }

  /** For an item that is here. */
  remove(item: T): void {
    const { newer, older } = item;
    if (this.#hand === item) this.#hand = newer;
    if (newer === undefined) this.#newest = older;
    else newer.older = older;
    if (older === undefined) this.#oldest = newer;
    else older.newer = newer;
    item.newer = undefined;
    item.older = undefined;
    this.#items.delete(item.key);
  }

  /** Takes out what is to be dropped. The newest is spared while there is another: nobody could have used it yet. */
  pop(): T | undefined {
    let item = this.#hand ?? this.#oldest;
    while (item !== undefined && (item.wasUsed || (item === this.#newest && this.size > 1))) {
      item.wasUsed = false;
      item = item.newer ?? this.#oldest;
    }
    if (item === undefined) return undefined;
    this.#hand = item.newer;
    this.remove(item);
    return item;
  }
}
