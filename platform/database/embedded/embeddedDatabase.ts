import type { ChangeFeed, CollectionDefinition, Database, StoredDocument } from '../database.js';
import { DatabaseUnavailableError } from '../errors.js';
import { systemTimers, type Timers } from '../timers.js';
import { ChangeLog } from './changeLog.js';
import { DocumentTable } from './documentTable.js';
import { openEmbeddedChangeFeed } from './embeddedChangeFeed.js';
import { createEmbeddedCollection } from './embeddedCollection.js';
import { expireDocuments } from './expireDocuments.js';

export interface EmbeddedDatabaseOptions {
  /** For logs. */
  readonly name: string;
  /**
   * How many of the latest changes a cursor can resume from.
   * @default 10000
   */
  readonly changeLogCapacity?: number;
  /**
   * How often documents are removed that a TTL index lets expire.
   * @default 60000
   */
  readonly expiryIntervalMs?: number;
  /** @default systemTimers */
  readonly timers?: Timers;
}

/** A database in the memory of this process, empty at start and forgotten at the end. */
export function createEmbeddedDatabase(options: EmbeddedDatabaseOptions): Database {
  const { name, changeLogCapacity = 10_000, expiryIntervalMs = 60_000, timers = systemTimers } = options;
  const log = new ChangeLog(changeLogCapacity);
  const tables = new Map<string, DocumentTable>();
  const feeds = new Set<ChangeFeed>();
  let closed = false;
  let stopExpiry: (() => void) | undefined;

  function assertOpen(): void {
    if (closed) throw new DatabaseUnavailableError(`the embedded database ${name} is closed`);
  }

  function tableOf(definition: CollectionDefinition): DocumentTable {
    const table = tables.get(definition.name) ?? new DocumentTable(definition.name, log);
    tables.set(definition.name, table);
    table.ensureIndexes(definition);
    if (definition.indexes.some((index) => index.expireAfterSeconds !== undefined)) startExpiry();
    return table;
  }

  function startExpiry(): void {
    stopExpiry ??= timers.after(expiryIntervalMs, () => {
      stopExpiry = undefined;
      for (const table of tables.values()) expireDocuments(table, timers.now());
      startExpiry();
    });
  }

  return {
    kind: 'embedded',
    description: `embedded database ${name} (in memory, gone when this process ends)`,

    collection: <T extends StoredDocument>(definition: CollectionDefinition) =>
      createEmbeddedCollection<T>(definition, tableOf(definition), log, assertOpen),

    async ensure(definitions) {
      assertOpen();
      for (const definition of definitions) tableOf(definition);
    },

    watch(watchOptions) {
      const feed = openEmbeddedChangeFeed(log, watchOptions, timers, () => feeds.delete(feed));
      feeds.add(feed);
      return feed;
    },

    async ping() {
      assertOpen();
    },

    async close() {
      closed = true;
      stopExpiry?.();
      await Promise.all([...feeds].map((feed) => feed.close()));
    },
  };
}
