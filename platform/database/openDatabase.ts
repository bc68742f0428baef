import type { Database } from './database.js';
import { createEmbeddedDatabase } from './embedded/embeddedDatabase.js';
import type { MongodbOptions } from './mongodb/mongodbOptions.js';

export interface DatabaseOptions extends Omit<MongodbOptions, 'uri'> {
  /**
   * `mongodb://…` or `mongodb+srv://…`; absent or empty for the embedded database.
   * A database name in its path wins over `name`.
   */
  readonly uri?: string | undefined;
  /** Puts something between the stores and the database: a recorder, or faults on purpose. */
  readonly wrap?: ((database: Database) => Database) | undefined;
}

/**
 * Connects to the MongoDB that the URI names, or makes an embedded database.
 * Refuses a standalone `mongod` with a clear message: it has no change streams.
 */
export async function openDatabase({ wrap, ...options }: DatabaseOptions): Promise<Database> {
  const database = await open(options);
  return wrap ? wrap(database) : database;
}

async function open({ uri, ...options }: Omit<DatabaseOptions, 'wrap'>): Promise<Database> {
  if (!uri) return createEmbeddedDatabase({ name: options.name });
  // Loaded on demand: the driver would add a good part to the start time of a laptop that does not use it.
  const { openMongodbDatabase } = await import('./mongodb/mongodbDatabase.js');
  return openMongodbDatabase({ ...options, uri });
}
