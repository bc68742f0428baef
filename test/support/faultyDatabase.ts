import type { Collection, Database, StoredDocument } from '../../platform/database/database.js';

/** The same database, whose reads of a collection fail while `fault` gives an error for it. */
export function faultyDatabase(
  database: Database,
  fault: (collection: string) => Error | undefined,
): Database {
  const faulty = <T extends StoredDocument>(collection: Collection<T>): Collection<T> => {
    const guard =
      <A extends unknown[], R>(read: (...args: A) => Promise<R>) =>
      async (...args: A): Promise<R> => {
        const error = fault(collection.definition.name);
        if (error) throw error;
        return read(...args);
      };
    return { ...collection, find: guard(collection.find), findOne: guard(collection.findOne) };
  };
  return { ...database, collection: (definition) => faulty(database.collection(definition)) };
}
