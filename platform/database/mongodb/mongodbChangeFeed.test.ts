import os from 'node:os';
import { BSON, MongoClient, Timestamp } from 'mongodb';
import { takeChanges, takeHeartbeat, takeUntil } from '../../../test/support/collectChanges.js';
import { describeReal, realMongodbUri } from '../../../test/support/realParts.js';
import type { CollectionDefinition, Database } from '../database.js';
import { CursorLostError } from '../errors.js';
import { openMongodbChangeFeed } from './mongodbChangeFeed.js';
import { openMongodbDatabase } from './mongodbDatabase.js';

const THINGS: CollectionDefinition = {
  name: 'things',
  shardKey: null,
  indexes: [],
  watched: true,
  read: { preference: 'primary', concern: 'local' },
  write: { timeoutMs: 5_000 },
  maxTimeMs: 5_000,
};

describeReal('mongodb', 'a change feed of MongoDB', () => {
  let uri: string;
  let database: Database;
  let client: MongoClient;

  beforeEach(async () => {
    uri = realMongodbUri();
    database = await openMongodbDatabase({ uri, name: 'test' });
    client = new MongoClient(uri, { runtimeAdapters: { os } });
    await database.ensure([THINGS]);
  });

  afterEach(async () => {
    await client.close();
    await database.close();
  });

  const watch = (after?: string) => database.watch({ collections: ['things'], heartbeatMs: 200, after });

  it('shows writes of other programs, replacements among them', async () => {
    const feed = watch();
    await feed.ready;
    const things = client.db().collection<{ _id: string; n: number }>('things');
    await things.insertOne({ _id: 'a', n: 1 });
    await things.replaceOne({ _id: 'a' }, { n: 2 });
    expect(await takeChanges(feed, 2)).toMatchObject([
      { operation: 'insert', after: { n: 1 } },
      { operation: 'update', before: { n: 1 }, after: { n: 2 } },
    ]);
    await feed.close();
  });

  it('is lost when the collection or the database is dropped', async () => {
    const feeds = [watch(), watch()] as const;
    await Promise.all(feeds.map(({ ready }) => ready));
    await client.db().collection('things').drop();
    await expect(takeUntil(feeds[0], () => false)).rejects.toBeInstanceOf(CursorLostError);
    const cursor = (await takeHeartbeat(feeds[1])).cursor;
    await expect(takeUntil(watch(cursor), () => false)).rejects.toBeInstanceOf(CursorLostError);
    await Promise.all(feeds.map((feed) => feed.close()));
  });

  it('is lost when its collection is renamed', async () => {
    const feed = watch();
    await feed.ready;
    await client.db().collection('things').rename('other');
    await expect(takeUntil(feed, () => false)).rejects.toBeInstanceOf(CursorLostError);
  });

  it('is lost when its cursor is ahead of the cluster, as after a restored backup', async () => {
    const { cursor } = await takeHeartbeat(watch());
    const future = new Timestamp({ t: Math.floor(Date.now() / 1_000) + 100_000_000, i: 1 });
    const ahead = cursor.replace(
      /:82[0-9A-F]{16}/i,
      `:82${future.toBigInt().toString(16).padStart(16, '0')}`,
    );
    expect(ahead).not.toBe(cursor);
    await expect(watch(ahead).ready).rejects.toBeInstanceOf(CursorLostError);
  });

  it('switches on images for a collection that was made without them', async () => {
    await client.db().createCollection('plain');
    const plain = { ...THINGS, name: 'plain' };
    await database.ensure([plain]);
    const collection = database.collection(plain);
    const feed = database.watch({ collections: ['plain'], heartbeatMs: 200 });
    await feed.ready;
    await collection.insertOne({ _id: 'a' });
    await collection.findOneAndDelete({ _id: 'a' });
    const changes = await takeChanges(feed, 2);
    expect(changes[1]).toMatchObject({ operation: 'delete', before: { _id: 'a' } });
    await feed.close();
  });

  it('is sent nothing of the fields that nobody reads, also not how they were updated', async () => {
    const watcher = new MongoClient(uri, { monitorCommands: true, runtimeAdapters: { os } });
    const replies: string[] = [];
    watcher.on('commandSucceeded', ({ reply }) => void replies.push(BSON.EJSON.stringify(reply)));
    const feed = openMongodbChangeFeed(watcher.db(), {
      cluster: 'any',
      collections: ['things'],
      without: ['list'],
      heartbeatMs: 200,
      longestWaitMs: 1_000,
      onClose: () => undefined,
    });
    await feed.ready;
    const things = client.db().collection<{ _id: string; list: string[]; text: string }>('things');
    await things.insertOne({ _id: 'a', list: ['unread'], text: 'first' });
    await things.updateOne({ _id: 'a' }, { $push: { list: 'unread' }, $set: { text: 'second' } });
    expect(await takeChanges(feed, 2)).toMatchObject([
      { after: { text: 'first' } },
      { before: { text: 'first' }, after: { text: 'second' } },
    ]);
    await feed.close();
    await watcher.close();
    expect(replies.join()).toContain('second');
    expect(replies.join()).not.toContain('unread');
  });

  it('leaves no change stream behind on the server', async () => {
    const feed = watch();
    await feed.ready;
    await feed.close();
    const open = await client
      .db('admin')
      .aggregate([
        { $currentOp: { idleCursors: true } },
        { $match: { type: 'idleCursor', ns: `${client.db().databaseName}.$cmd.aggregate` } },
      ])
      .toArray();
    expect(open).toEqual([]);
  });
});
