import type { ChangeFeed, Database } from '../../platform/database/database.js';

/** The same database, whose changes come without the document before and after, as when the images have expired. */
export function withoutImages(database: Database): Database {
  return {
    ...database,
    watch(options): ChangeFeed {
      const feed = database.watch(options);
      return {
        ready: feed.ready,
        close: () => feed.close(),
        async *[Symbol.asyncIterator]() {
          for await (const entry of feed) {
            yield entry.kind === 'change' ? { ...entry, before: undefined, after: undefined } : entry;
          }
        },
      };
    },
  };
}
