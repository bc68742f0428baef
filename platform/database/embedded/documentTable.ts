import { isDeepStrictEqual } from 'node:util';
import type { CollectionDefinition, IndexDefinition, StoredDocument } from '../database.js';
import { DuplicateKeyError, IndexConflictError } from '../errors.js';
import type { ChangeLog } from './changeLog.js';
import { SortedIndex } from './sortedIndex.js';

/**
 * The documents of one collection with their indexes. A stored object is never changed, only replaced,
 * so that readers and the change log may hold on to it.
 */
export class DocumentTable {
  readonly #documents = new Map<string, StoredDocument>();
  readonly #indexes = [new SortedIndex({ name: '_id_', key: { _id: 1 }, reason: 'ranges and order by _id' })];

  constructor(
    readonly name: string,
    readonly log: ChangeLog,
  ) {}

  get documents(): ReadonlyMap<string, StoredDocument> {
    return this.#documents;
  }

  get indexes(): readonly SortedIndex[] {
    return this.#indexes;
  }

  /** Adds the indexes that are not there yet. */
  ensureIndexes({ indexes }: CollectionDefinition): void {
    for (const definition of indexes) {
      const existing = this.#indexes.find((index) => index.definition.name === definition.name);
      if (existing === undefined) this.#addIndex(definition);
      else if (!isSameIndex(existing.definition, definition)) {
        throw new IndexConflictError(
          `index ${definition.name} of ${this.name} exists with another definition; give the new one another name`,
        );
      }
    }
  }

  insert(document: StoredDocument): void {
    if (typeof document._id !== 'string')
      throw new TypeError(`a document of ${this.name} needs a string as its _id`);
    if (this.#documents.has(document._id)) throw new DuplicateKeyError(this.name, '_id_');
    this.#checkUnique(document);
    this.#documents.set(document._id, document);
    for (const index of this.#indexes) index.add(document);
    this.#record('insert', document._id, undefined, document);
  }

  replace(before: StoredDocument, after: StoredDocument): void {
    this.#checkUnique(after);
    this.#documents.set(after._id, after);
    for (const index of this.#indexes) index.replace(before, after);
    this.#record('update', after._id, before, after);
  }

  remove(document: StoredDocument): void {
    this.#documents.delete(document._id);
    for (const index of this.#indexes) index.remove(document);
    this.#record('delete', document._id, document, undefined);
  }

  #addIndex(definition: IndexDefinition): void {
    const index = new SortedIndex(definition);
    for (const document of this.#documents.values()) {
      if (index.unique && index.conflictOf(document) !== undefined)
        throw new DuplicateKeyError(this.name, definition.name);
      index.add(document);
    }
    this.#indexes.push(index);
  }

  #checkUnique(document: StoredDocument): void {
    for (const index of this.#indexes) {
      if (index.unique && index.conflictOf(document) !== undefined)
        throw new DuplicateKeyError(this.name, index.definition.name);
    }
  }

  #record(
    operation: 'insert' | 'update' | 'delete',
    id: string,
    before: StoredDocument | undefined,
    after: StoredDocument | undefined,
  ): void {
    this.log.append({ collection: this.name, operation, id, before, after });
  }
}

function isSameIndex(a: IndexDefinition, b: IndexDefinition): boolean {
  return (
    isDeepStrictEqual(Object.entries(a.key), Object.entries(b.key)) &&
    (a.unique ?? false) === (b.unique ?? false) &&
    isDeepStrictEqual(a.partialFilter, b.partialFilter) &&
    a.expireAfterSeconds === b.expireAfterSeconds
  );
}
