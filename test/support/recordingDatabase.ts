import type { Collection, Database, Filter, StoredDocument } from '../../platform/database/database.js';

export interface RecordedCall {
  readonly collection: string;
  readonly method: keyof Collection<StoredDocument>;
  /** The filter, or the document, of the call. */
  readonly argument: Filter;
}

/** The same database, which remembers what the stores asked of it: each call is one command. */
export function recordingDatabase(database: Database): { database: Database; calls: RecordedCall[] } {
  const calls: RecordedCall[] = [];
  const record = <T extends StoredDocument>(collection: Collection<T>): Collection<T> =>
    new Proxy(collection, {
      get(target, method: keyof Collection<T>) {
        const member = target[method];
        if (typeof member !== 'function') return member;
        return (argument: Filter, ...rest: unknown[]) => {
          calls.push({ collection: target.definition.name, method, argument });
          return (member as (...args: unknown[]) => unknown).call(target, argument, ...rest);
        };
      },
    });
  return {
    calls,
    database: { ...database, collection: (definition) => record(database.collection(definition)) },
  };
}
