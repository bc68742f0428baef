import {
  type Db,
  type Document,
  type Collection as DriverCollection,
  MongoBulkWriteError,
  type ReadConcernLike,
  ReadPreference,
} from 'mongodb';
import { checkFilter, checkUpsert } from '../checkFilter.js';
import type {
  CausalContext,
  Collection,
  CollectionDefinition,
  Filter,
  FindOptions,
  StoredDocument,
} from '../database.js';
import type { CausalSessions, ReadSettings } from './causalSessions.js';
import { translateError } from './translateError.js';

const DUPLICATE_KEY = 11000;
/** Without a limit the server would hand out 101 documents and make the rest a second command. */
const BATCH_SIZE = 1_000;

export function createMongodbCollection<T extends StoredDocument>(
  db: Db,
  definition: CollectionDefinition,
  sessions: CausalSessions,
): Collection<T> {
  const collection = db.collection(
    definition.name,
    collectionOptions(definition),
  ) as unknown as DriverCollection<Document>;
  const readTarget = {
    primaryOnly: definition.read.preference === 'primary',
    maxTimeMs: definition.maxTimeMs,
  };

  async function read<R>(
    filter: Filter,
    causal: CausalContext | undefined,
    run: (settings: ReadSettings & { readonly readConcern: ReadConcernLike }) => Promise<R>,
  ): Promise<R> {
    checkFilter(filter);
    // The driver writes `afterClusterTime` into the object it is given, and keeps a collection's own for all reads:
    // each read needs one of its own, or one caller's time would become everyone's.
    const withConcern = (settings: ReadSettings) =>
      run({ ...settings, readConcern: { level: definition.read.concern } });
    return translated(sessions.read(causal, readTarget, withConcern));
  }

  function write<R>(
    causal: CausalContext | undefined,
    run: (settings: WriteSettings) => Promise<R>,
  ): Promise<R> {
    return translated(
      sessions.write(causal, (session) =>
        run({ maxTimeMS: definition.maxTimeMs, ...(session && { session }) }),
      ),
    );
  }

  return {
    definition,

    findOne: (filter, options = {}) =>
      read(filter, options.causal, (settings) =>
        collection.findOne(filter, { ...settings, ...shapeOf(options) }),
      ) as Promise<T | null>,

    find: (filter, options = {}) =>
      read(filter, options.causal, (settings) =>
        collection
          .find(filter, { ...settings, ...shapeOf(options), batchSize: options.limit || BATCH_SIZE })
          .toArray(),
      ) as Promise<unknown[]> as Promise<T[]>,

    count: (filter, options = {}) =>
      read(filter, options.causal, (settings) =>
        collection.countDocuments(filter, { ...settings, ...(options.limit && { limit: options.limit }) }),
      ),

    async insertOne(document, options = {}) {
      await write(options.causal, (settings) =>
        collection.insertOne(document as unknown as Document, settings),
      );
    },

    async insertMissing(documents, options = {}) {
      if (documents.length === 0) return 0;
      return write(options.causal, async (settings) => {
        try {
          // The driver writes to the array's documents only when they lack an _id, which ours never do.
          const result = await collection.insertMany(documents as unknown as Document[], {
            ...settings,
            ordered: false,
          });
          return result.insertedCount;
        } catch (error) {
          if (!isOnlyDuplicates(error)) throw error;
          return error.insertedCount;
        }
      });
    },

    async updateOne(filter, update, options = {}) {
      checkFilter(filter);
      if (options.upsert) checkUpsert(filter, update);
      const result = await write(options.causal, (settings) =>
        collection.updateOne(filter, update, { ...settings, upsert: options.upsert ?? false }),
      );
      return { matched: result.matchedCount, modified: result.modifiedCount };
    },

    async findOneAndUpdate(filter, update, options = {}) {
      checkFilter(filter);
      if (options.upsert) checkUpsert(filter, update);
      return (await write(options.causal, (settings) =>
        collection.findOneAndUpdate(filter, update, {
          ...settings,
          upsert: options.upsert ?? false,
          returnDocument: options.returnDocument ?? 'after',
        }),
      )) as T | null;
    },

    async findOneAndDelete(filter, options = {}) {
      checkFilter(filter);
      return (await write(options.causal, (settings) =>
        collection.findOneAndDelete(filter, settings),
      )) as T | null;
    },
  };
}

type WriteSettings = Pick<ReadSettings, 'maxTimeMS' | 'session'>;

function collectionOptions({ read, write }: CollectionDefinition) {
  const staleness =
    read.maxStalenessSeconds === undefined ? {} : { maxStalenessSeconds: read.maxStalenessSeconds };
  return {
    readPreference:
      read.preference === 'primary'
        ? ReadPreference.primary
        : new ReadPreference('secondaryPreferred', undefined, staleness),
    writeConcern: { w: 'majority' as const, journal: true, wtimeoutMS: write.timeoutMs },
  };
}

function shapeOf({ sort, limit, projection }: FindOptions) {
  return { ...(sort && { sort }), ...(limit && { limit }), ...(projection && { projection }) };
}

function isOnlyDuplicates(error: unknown): error is MongoBulkWriteError {
  if (!(error instanceof MongoBulkWriteError)) return false;
  const failures = [error.writeErrors].flat();
  return (
    error.result.getWriteConcernError() === undefined && failures.every(({ code }) => code === DUPLICATE_KEY)
  );
}

async function translated<R>(operation: Promise<R>): Promise<R> {
  try {
    return await operation;
  } catch (error) {
    throw translateError(error);
  }
}
