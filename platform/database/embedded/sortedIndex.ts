import { isDeepStrictEqual } from 'node:util';
import type { IndexDefinition, StoredDocument } from '../database.js';
import { compareValues } from './compareValues.js';
import { createFilterTest } from './filterTest.js';
import { valueAt } from './valueAt.js';

export interface Entry {
  readonly values: readonly unknown[];
  readonly id: string;
}

export interface Bound {
  readonly value: unknown;
  readonly inclusive: boolean;
}

/** More additions than this are sorted in at once rather than one by one. */
const BULK = 64;

/**
 * The entries of one index in its order, as an array: look-ups and range bounds are binary searches.
 * The `_id` always ends the key, so that the order is total. A value that is an array makes an entry per element.
 */
export class SortedIndex {
  readonly fields: readonly { readonly name: string; readonly direction: 1 | -1 }[];
  readonly unique: boolean;
  /** Some document has an array under the key: it may then appear more than once. */
  multikey = false;
  readonly #includes: (document: StoredDocument) => boolean;
  #entries: Entry[] = [];
  #added: Entry[] = [];

  constructor(readonly definition: IndexDefinition) {
    const fields = Object.entries(definition.key).map(([name, direction]) => ({ name, direction }));
    if (!fields.some(({ name }) => name === '_id')) fields.push({ name: '_id', direction: 1 });
    this.fields = fields;
    this.unique = definition.unique ?? false;
    this.#includes = definition.partialFilter ? createFilterTest(definition.partialFilter) : () => true;
  }

  get entries(): readonly Entry[] {
    this.#sortIn();
    return this.#entries;
  }

  add(document: StoredDocument): void {
    for (const entry of this.#entriesOf(document)) this.#added.push(entry);
  }

  remove(document: StoredDocument): void {
    this.#sortIn();
    for (const entry of this.#entriesOf(document)) {
      const position = this.#firstAtOrAfter(entry.values);
      if (this.#entries[position]?.id === document._id) this.#entries.splice(position, 1);
    }
  }

  /** Most updates leave most keys as they are, and then cost nothing here. */
  replace(before: StoredDocument, after: StoredDocument): void {
    if (isDeepStrictEqual(this.#entriesOf(before), this.#entriesOf(after))) return;
    this.remove(before);
    this.add(after);
  }

  /** The id of another document with the key of this one, for a unique index. */
  conflictOf(document: StoredDocument): string | undefined {
    const width = Object.keys(this.definition.key).length;
    for (const { values } of this.#entriesOf(document)) {
      const [from, to] = this.range(values.slice(0, width));
      for (let position = from; position < to; position++) {
        const id = this.#entries[position]?.id;
        if (id !== document._id) return id;
      }
    }
    return undefined;
  }

  /** The positions `[from, to)` of entries that start with `prefix` and whose next value is within the bounds. */
  range(prefix: readonly unknown[], lower?: Bound, upper?: Bound): [from: number, to: number] {
    this.#sortIn();
    const descending = this.fields[prefix.length]?.direction === -1;
    const [first, last] = descending ? [upper, lower] : [lower, upper];
    const from = first
      ? this.#search([...prefix, first.value], !first.inclusive)
      : this.#search(prefix, false);
    const to = last ? this.#search([...prefix, last.value], last.inclusive) : this.#search(prefix, true);
    return [from, Math.max(from, to)];
  }

  #firstAtOrAfter(values: readonly unknown[]): number {
    return this.#search(values, false);
  }

  /** The first position at or (with `after`) behind all entries that start with `prefix`. */
  #search(prefix: readonly unknown[], after: boolean): number {
    let low = 0;
    let high = this.#entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const order = this.#compare((this.#entries[middle] as Entry).values, prefix);
      if (order < 0 || (after && order === 0)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #compare(values: readonly unknown[], prefix: readonly unknown[]): number {
    for (let index = 0; index < prefix.length; index++) {
      const order = compareValues(values[index], prefix[index]);
      if (order !== 0) return this.fields[index]?.direction === -1 ? -order : order;
    }
    return 0;
  }

  #sortIn(): void {
    if (this.#added.length === 0) return;
    const added = this.#added;
    this.#added = [];
    if (added.length > BULK) {
      this.#entries = this.#entries.concat(added).sort((a, b) => this.#compare(a.values, b.values));
      return;
    }
    for (const entry of added) this.#entries.splice(this.#firstAtOrAfter(entry.values), 0, entry);
  }

  #entriesOf(document: StoredDocument): Entry[] {
    if (!this.#includes(document)) return [];
    let keys: unknown[][] = [[]];
    for (const { name } of this.fields) {
      const value = valueAt(document, name);
      if (Array.isArray(value)) {
        this.multikey = true;
        const elements = value.length === 0 ? [undefined] : [...new Set(value)];
        keys = keys.flatMap((key) => elements.map((element) => [...key, element]));
      } else {
        for (const key of keys) key.push(value);
      }
    }
    return keys.map((values) => ({ values, id: document._id }));
  }
}
