import os from 'node:os';
import { MongoClient } from 'mongodb';
import { takeChanges } from '../../../test/support/collectChanges.js';
import { type ReplicaSet, startReplicaSet } from '../../../test/support/mongod.js';
import { describeReal } from '../../../test/support/realParts.js';
import type {
  CausalContext,
  Collection,
  CollectionDefinition,
  Database,
  StoredDocument,
} from '../database.js';
import { openMongodbDatabase } from './mongodbDatabase.js';
import type { CommandEvent } from './monitorCommands.js';

interface Thing extends StoredDocument {
  readonly n: number;
}

const THINGS: CollectionDefinition = {
  name: 'things',
  shardKey: null,
  indexes: [],
  watched: true,
  read: { preference: 'secondaryPreferred', concern: 'majority', maxStalenessSeconds: 90 },
  write: { timeoutMs: 10_000 },
  maxTimeMs: 10_000,
};

describeReal('mongod', 'a replica set of three', () => {
  let replicaSet: ReplicaSet;
  let database: Database;
  let things: Collection<Thing>;
  const events: CommandEvent[] = [];

  beforeAll(async () => {
    replicaSet = await startReplicaSet({
      members: 3,
      setParameters: { enableTestCommands: 1 },
      // The third makes a majority with the primary, and is hidden: reads see one secondary only.
      memberSettings: [{ priority: 2 }, {}, { priority: 0, hidden: true }],
    });
    database = await openMongodbDatabase({
      uri: replicaSet.uriFor('shop'),
      name: 'test',
      causalWaitMs: 200,
      onCommand: (event) => events.push(event),
    });
    await database.ensure([THINGS]);
    things = database.collection<Thing>(THINGS);
  });

  afterAll(async () => {
    await database?.close();
    await replicaSet?.[Symbol.asyncDispose]();
  });

  /** Stops replication on the one visible secondary, whichever it is, while `run` runs. */
  async function whileSecondaryLags(run: () => Promise<void>): Promise<void> {
    const port = await portOf(replicaSet, 'SECONDARY');
    const client = new MongoClient(`mongodb://127.0.0.1:${port}/?directConnection=true`, {
      runtimeAdapters: { os },
    });
    const admin = client.db('admin');
    try {
      await admin.command({ configureFailPoint: 'rsSyncApplyStop', mode: 'alwaysOn' });
      await run();
    } finally {
      await admin.command({ configureFailPoint: 'rsSyncApplyStop', mode: 'off' });
      await client.close();
    }
  }

  it('reads from a secondary', async () => {
    await things.insertOne({ _id: 'plain', n: 1 });
    events.length = 0;
    const causal: CausalContext = {};
    await things.updateOne({ _id: 'plain' }, { $inc: { n: 1 } }, { causal });
    expect(await things.findOne({ _id: 'plain' }, { causal: { after: causal.last } })).toMatchObject({
      n: 2,
    });
    const [find] = events.filter((event) => event.phase === 'started' && event.name === 'find');
    expect(find).toMatchObject({
      command: {
        $readPreference: { mode: 'secondaryPreferred' },
        readConcern: { level: 'majority', afterClusterTime: expect.anything() },
      },
    });
  });

  it('reads the primary when the secondary is behind for longer than the wait', async () => {
    await things.insertOne({ _id: 'lag', n: 1 });
    const seen: CausalContext = {};
    await things.updateOne({ _id: 'lag' }, { $set: { n: 2 } }, { causal: seen });
    expect(await things.findOne({ _id: 'lag' }, { causal: { after: seen.last } })).toMatchObject({ n: 2 });
    await whileSecondaryLags(async () => {
      const causal: CausalContext = {};
      await things.updateOne({ _id: 'lag' }, { $set: { n: 3 } }, { causal });
      expect(await things.findOne({ _id: 'lag' })).toMatchObject({ n: 2 });
      const startedAt = Date.now();
      const after: CausalContext = { after: causal.last };
      expect(await things.findOne({ _id: 'lag' }, { causal: after })).toMatchObject({ n: 3 });
      expect(await things.find({ n: 3 }, { causal: after })).toHaveLength(1);
      expect(await things.count({ n: 3 }, { causal: after })).toBe(1);
      // Each would wait for its `maxTimeMs` alone.
      expect(Date.now() - startedAt).toBeLessThan(25_000);
    });
  });

  it('goes on with a change feed, and loses nothing, when the primary steps down', async () => {
    const feed = database.watch({ collections: ['things'], heartbeatMs: 500 });
    await feed.ready;
    await things.insertOne({ _id: 'before', n: 1 });
    const client = new MongoClient(replicaSet.uri, { runtimeAdapters: { os } });
    await client.db('admin').command({ replSetStepDown: 3, secondaryCatchUpPeriodSecs: 2 });
    await client.close();
    await things.insertOne({ _id: 'after', n: 1 });
    expect((await takeChanges(feed, 2)).map(({ id }) => id)).toEqual(['before', 'after']);
    await feed.close();
  });
});

async function portOf(replicaSet: ReplicaSet, state: string): Promise<number> {
  const client = new MongoClient(replicaSet.uri, { runtimeAdapters: { os } });
  try {
    const { members } = await client.db('admin').command({ replSetGetStatus: 1 });
    const { members: configured } = (await client.db('admin').command({ replSetGetConfig: 1 }))['config'];
    const hidden = configured
      .filter((member: { hidden: boolean }) => member.hidden)
      .map(({ host }: { host: string }) => host);
    const found = members.find(
      (member: { stateStr: string; name: string }) =>
        member.stateStr === state && !hidden.includes(member.name),
    );
    return Number(found.name.split(':')[1]);
  } finally {
    await client.close();
  }
}
