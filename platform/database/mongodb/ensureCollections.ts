import { isDeepStrictEqual } from 'node:util';
import { type Db, type Document, MongoServerError } from 'mongodb';
import type { CollectionDefinition, IndexDefinition } from '../database.js';
import { IndexConflictError } from '../errors.js';

const NAMESPACE_EXISTS = 48;
/** IndexOptionsConflict, IndexKeySpecsConflict: another process, or a hand, was there with other options. */
const INDEX_CONFLICTS: ReadonlySet<unknown> = new Set([85, 86]);

/** Creates what is missing. Several processes may do so at once. */
export async function ensureCollections(db: Db, definitions: readonly CollectionDefinition[]): Promise<void> {
  for (const definition of definitions) {
    await ensureCollection(db, definition);
    await ensureIndexes(db, definition);
  }
}

async function ensureCollection(db: Db, { name, watched }: CollectionDefinition): Promise<void> {
  const images = { changeStreamPreAndPostImages: { enabled: true } };
  let existing = await describeCollection(db, name);
  if (existing === undefined) {
    try {
      await db.createCollection(name, watched ? images : {});
      return;
    } catch (error) {
      if (!(error instanceof MongoServerError) || error.code !== NAMESPACE_EXISTS) throw error;
      existing = await describeCollection(db, name);
    }
  }
  if (watched && existing?.['options']?.changeStreamPreAndPostImages?.enabled !== true) {
    await db.command({ collMod: name, ...images });
  }
}

async function describeCollection(db: Db, name: string): Promise<Document | undefined> {
  const [found] = await db.listCollections({ name }).toArray();
  return found;
}

async function ensureIndexes(db: Db, { name: collection, indexes }: CollectionDefinition): Promise<void> {
  const existing = await db.collection(collection).indexes();
  const missing = indexes.filter((definition) => {
    const found = existing.find(({ name }) => name === definition.name);
    if (found && !isSameIndex(found, definition)) throw conflict(collection, definition, found);
    return found === undefined;
  });
  if (missing.length === 0) return;
  try {
    await db.collection(collection).createIndexes(missing.map(toDriverIndex));
  } catch (error) {
    if (!(error instanceof MongoServerError) || !INDEX_CONFLICTS.has(error.code)) throw error;
    throw new IndexConflictError(
      `an index of ${collection} conflicts with one that exists: ${error.message}`,
      {
        cause: error,
      },
    );
  }
}

function toDriverIndex({ name, key, unique, partialFilter, expireAfterSeconds }: IndexDefinition) {
  return {
    name,
    key: { ...key },
    ...(unique && { unique }),
    ...(partialFilter && { partialFilterExpression: partialFilter }),
    ...(expireAfterSeconds !== undefined && { expireAfterSeconds }),
  };
}

function isSameIndex(found: Document, definition: IndexDefinition): boolean {
  return (
    // As pairs, since the order of the fields is what makes the index.
    isDeepStrictEqual(Object.entries(found['key']), Object.entries(definition.key)) &&
    (found['unique'] ?? false) === (definition.unique ?? false) &&
    isDeepStrictEqual(found['partialFilterExpression'] ?? null, definition.partialFilter ?? null) &&
    found['expireAfterSeconds'] === definition.expireAfterSeconds
  );
}

function conflict(collection: string, definition: IndexDefinition, found: Document): IndexConflictError {
  const { v: _version, ...there } = found;
  return new IndexConflictError(
    `index ${definition.name} of ${collection} exists with another definition: ` +
      `there ${JSON.stringify(there)}, wanted ${JSON.stringify(toDriverIndex(definition))}. ` +
      'Give the new index another name, or drop the old one first.',
  );
}
