import { takeHeartbeat, takeUntil } from '../../../test/support/collectChanges.js';
import { startReplicaSet } from '../../../test/support/mongod.js';
import { describeReal } from '../../../test/support/realParts.js';
import type { CollectionDefinition, Database } from '../database.js';
import { DatabaseUnavailableError } from '../errors.js';
import { openMongodbDatabase } from './mongodbDatabase.js';
import type { MongodbOptions } from './mongodbOptions.js';

const THINGS: CollectionDefinition = {
  name: 'things',
  shardKey: null,
  indexes: [],
  watched: true,
  read: { preference: 'primary', concern: 'local' },
  write: { timeoutMs: 1_000 },
  maxTimeMs: 1_000,
};

describeReal('mongod', 'while MongoDB is out of reach', () => {
  it('everything fails in bounded time, with errors that say so', async () => {
    await using replicaSet = await startReplicaSet();
    await using database = await opened({
      uri: replicaSet.uriFor('shop'),
      name: 'test',
      serverSelectionTimeoutMs: 500,
      socketTimeoutMs: 1_000,
    });
    await database.ensure([THINGS]);
    const things = database.collection(THINGS);
    const feed = database.watch({ collections: ['things'], heartbeatMs: 200 });
    await takeHeartbeat(feed);

    // Hung, not gone: connections stay open and nothing answers.
    replicaSet.members[0]?.signal('SIGSTOP');
    const startedAt = Date.now();
    expect(await failureOf(things.insertOne({ _id: 'a' }))).toMatch(OUTAGE);
    expect(await failureOf(things.findOne({ _id: 'a' }))).toMatch(OUTAGE);
    await expect(database.ping(100)).rejects.toBeInstanceOf(DatabaseUnavailableError);
    replicaSet.members[0]?.signal('SIGKILL');
    expect(await failureOf(takeUntil(feed, () => false))).toMatch(OUTAGE);
    await expect(things.findOne({ _id: 'a' })).rejects.toBeInstanceOf(DatabaseUnavailableError);
    expect(Date.now() - startedAt).toBeLessThan(60_000);
  });

  it('a server that hangs is noticed long before its connections are given up as dead', async () => {
    await using replicaSet = await startReplicaSet();
    await using database = await opened({
      uri: replicaSet.uriFor('shop'),
      name: 'test',
      serverSelectionTimeoutMs: 1_000,
      connectTimeoutMs: 1_000,
      socketTimeoutMs: 60_000,
    });
    await database.ensure([THINGS]);
    const things = database.collection(THINGS);
    await things.findOne({ _id: 'a' });
    replicaSet.members[0]?.signal('SIGSTOP');
    const startedAt = Date.now();
    expect(await failureOf(things.findOne({ _id: 'a' }))).toMatch(OUTAGE);
    // The driver alone would ask how it is every 10 s, and then wait.
    expect(Date.now() - startedAt).toBeLessThan(11_000);
  });
});

/** Closed also when a test fails: an open client would keep the run from ending. */
async function opened(options: MongodbOptions): Promise<Database & AsyncDisposable> {
  const database = await openMongodbDatabase(options);
  return { ...database, [Symbol.asyncDispose]: () => database.close() };
}

const OUTAGE = /^Database(Unavailable|Timeout)Error$/;

async function failureOf(operation: Promise<unknown>): Promise<string> {
  return operation.then(
    () => 'no error',
    (error: Error) => error.name,
  );
}
