import { type MongoClient, ReadPreference } from 'mongodb';
import type {
  ChangeFeed,
  CollectionDefinition,
  Database,
  StoredDocument,
  WatchOptions,
} from '../database.js';
import { DatabaseUnavailableError } from '../errors.js';
import { createCausalSessions } from './causalSessions.js';
import { clusterIdentity } from './clusterIdentity.js';
import { connect } from './connect.js';
import { ensureCollections } from './ensureCollections.js';
import { openMongodbChangeFeed } from './mongodbChangeFeed.js';
import { createMongodbCollection } from './mongodbCollection.js';
import { MONGODB_DEFAULTS, type MongodbOptions } from './mongodbOptions.js';
import { translateError } from './translateError.js';

/**
 * Connects to a replica set or a sharded cluster.
 * Fails with `DatabaseUnavailableError` within `serverSelectionTimeoutMs`, or at once for a standalone `mongod`.
 */
export async function openMongodbDatabase(options: MongodbOptions): Promise<Database> {
  const client = await connect(options);
  try {
    return createMongodbDatabase(client, await clusterIdentity(client), options);
  } catch (error) {
    await client.close();
    throw translateError(error);
  }
}

function createMongodbDatabase(client: MongoClient, cluster: string, options: MongodbOptions): Database {
  const settings = { ...MONGODB_DEFAULTS, ...options };
  const db = client.db(databaseNameOf(options));
  const sessions = createCausalSessions(client, cluster, settings.causalWaitMs);
  const feeds = new Set<ChangeFeed>();

  return {
    kind: 'mongodb',
    description: `mongodb://${client.options.hosts.map(String).join(',')}/${db.databaseName}`,

    collection: <T extends StoredDocument>(definition: CollectionDefinition) =>
      createMongodbCollection<T>(db, definition, sessions),

    async ensure(definitions) {
      try {
        await ensureCollections(db, definitions);
      } catch (error) {
        throw translateError(error);
      }
    },

    watch(watchOptions: WatchOptions) {
      const feed = openMongodbChangeFeed(db, {
        ...watchOptions,
        cluster,
        longestWaitMs: settings.socketTimeoutMs / 2,
        onClose: () => feeds.delete(feed),
      });
      feeds.add(feed);
      return feed;
    },

    async ping(timeoutMs) {
      try {
        await db.command(
          { ping: 1 },
          { timeoutMS: timeoutMs, readPreference: ReadPreference.primaryPreferred },
        );
      } catch (error) {
        throw new DatabaseUnavailableError(`no answer from MongoDB in ${timeoutMs} ms`, { cause: error });
      }
    },

    async close() {
      await Promise.all([...feeds].map((feed) => feed.close()));
      await client.close();
    },
  };
}

/** The driver alone would fall back to a database called `test`. */
function databaseNameOf({ uri, name }: MongodbOptions): string {
  const path = /^mongodb(?:\+srv)?:\/\/[^/]+\/([^?]+)/.exec(uri)?.[1];
  return path === undefined ? name : decodeURIComponent(path);
}
