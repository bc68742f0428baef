import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { takeChanges, takeHeartbeat, takeUntil } from '../../../test/support/collectChanges.js';
import { findMongod } from '../../../test/support/mongod.js';
import { describeReal } from '../../../test/support/realParts.js';
import { type ServerProcess, startServerProcess } from '../../../test/support/serverProcess.js';
import type { CollectionDefinition, Database } from '../database.js';
import { CursorLostError } from '../errors.js';
import { initReplicaSet } from './cluster/initReplicaSet.js';
import { driverServers } from './cluster/server.js';
import { openMongodbDatabase } from './mongodbDatabase.js';

const THINGS: CollectionDefinition = {
  name: 'things',
  shardKey: null,
  indexes: [{ name: 'code', key: { code: 1 }, unique: true, reason: 'a promise that has to survive' }],
  watched: true,
  read: { preference: 'primary', concern: 'majority' },
  write: { timeoutMs: 20_000 },
  maxTimeMs: 20_000,
};

/** The procedure of docs/operations.md, on a set of one member. */
describeReal('mongod', 'a backup that is restored as docs/operations.md says', () => {
  let folders: string;
  let live: string;
  let backup: string;
  beforeEach(() => {
    folders = mkdtempSync(path.join(tmpdir(), 'headgate-restore-'));
    live = path.join(folders, 'live');
    backup = path.join(folders, 'backup');
    mkdirSync(live);
  });
  afterEach(() => rmSync(folders, { recursive: true, force: true }));

  const start = (dbpath: string, ...args: string[]): Promise<ServerProcess> =>
    startAt(undefined, dbpath, ...args);
  const startAt = (at: number | undefined, dbpath: string, ...args: string[]): Promise<ServerProcess> =>
    startServerProcess({
      binary: findMongod() as string,
      readyWhen: /Waiting for connections/,
      ...(at !== undefined && { port: at }),
      startTimeoutMs: 60_000,
      args: ({ port }) => [
        ...['--bind_ip', '127.0.0.1', '--port', String(port), '--dbpath', dbpath, '--nounixsocket'],
        ...['--wiredTigerCacheSizeGB', '0.25', '--oplogSize', '64', ...args],
      ],
    });
  const run = async ({ port }: ServerProcess, database: string, command: object) => {
    const server = driverServers().member(`127.0.0.1:${port}`);
    try {
      return await server.run(database, { ...command });
    } finally {
      await server.close();
    }
  };
  async function open(server: ServerProcess): Promise<Database & AsyncDisposable> {
    const member = `127.0.0.1:${server.port}`;
    const { did } = await initReplicaSet({
      servers: driverServers(),
      replicaSet: { name: 'rs', members: [member] },
    });
    expect(did).toBe('initiated');
    return openAgain(server);
  }
  async function openAgain({ port }: ServerProcess): Promise<Database & AsyncDisposable> {
    const database = await openMongodbDatabase({
      uri: `mongodb://127.0.0.1:${port}/shop?replicaSet=rs`,
      name: 'test',
      serverSelectionTimeoutMs: 30_000,
    });
    await database.ensure([THINGS]);
    return { ...database, [Symbol.asyncDispose]: () => database.close() };
  }
  /** Copies the files of a server that goes on serving reads, and takes writes again afterwards. */
  async function copyFiles(server: ServerProcess): Promise<void> {
    await run(server, 'admin', { fsync: 1, lock: true });
    try {
      cpSync(live, backup, { recursive: true, filter: (file) => !file.endsWith('mongod.lock') });
    } finally {
      await run(server, 'admin', { fsyncUnlock: 1 });
    }
  }

  it('has what was acknowledged before it and nothing else, keeps its indexes, and ends every feed of the lost time', async () => {
    let lostCursor: string;
    {
      await using server = await start(live, '--replSet', 'rs');
      await using database = await open(server);
      const things = database.collection<{ _id: string; code: string; n: number }>(THINGS);
      await things.insertOne({ _id: 'a', code: 'one', n: 1 });
      await copyFiles(server);
      const feed = database.watch({ collections: ['things'], heartbeatMs: 200 });
      await feed.ready;
      await things.updateOne({ _id: 'a' }, { $set: { n: 2 } });
      await things.insertOne({ _id: 'b', code: 'two', n: 1 });
      lostCursor = (await takeChanges(feed, 2))[1]?.cursor as string;
      await feed.close();
      // As long as nothing is lost, it can be gone on from.
      const again = database.watch({ collections: ['things'], heartbeatMs: 200, after: lostCursor });
      await takeHeartbeat(again);
      await again.close();
    }
    {
      // Alone, it forgets which set it was in, and what was written after the backup never comes back from others.
      await using alone = await start(backup);
      expect(await run(alone, 'local', { dropDatabase: 1 })).toMatchObject({ ok: 1 });
      await run(alone, 'admin', { shutdown: 1 }).catch(() => undefined);
    }
    await using server = await start(backup, '--replSet', 'rs');
    await using database = await open(server);
    const things = database.collection<{ _id: string; code: string; n: number }>(THINGS);
    expect(await things.find({})).toEqual([{ _id: 'a', code: 'one', n: 1 }]);
    await expect(things.insertOne({ _id: 'c', code: 'one', n: 1 })).rejects.toThrow();
    const feed = database.watch({ collections: ['things'], heartbeatMs: 200, after: lostCursor });
    await expect(feed.ready).rejects.toBeInstanceOf(CursorLostError);
    await feed.close();
  });

  it('ends every feed of the lost time also where the set kept its id, and none of the time before', async () => {
    let port: number;
    let kept: readonly string[];
    let lost: readonly string[];
    {
      await using server = await start(live, '--replSet', 'rs');
      port = server.port;
      await using database = await open(server);
      const things = database.collection<{ _id: string; code: string }>(THINGS);
      const feed = database.watch({ collections: ['things'], heartbeatMs: 200 });
      /** The cursor of an event, and one of later, when only something else had happened. */
      const cursorsAfter = async (_id: string): Promise<readonly [string, string]> => {
        await things.insertOne({ _id, code: _id });
        const [event] = await takeChanges(feed, 1);
        await run(server, 'other', { insert: 'unwatched', documents: [{ _id }] });
        const later = await takeUntil(
          feed,
          ({ operationTime = '' }) => operationTime > (event?.operationTime ?? ''),
        );
        return [event?.cursor as string, later.at(-1)?.cursor as string];
      };
      await feed.ready;
      kept = await cursorsAfter('a');
      await copyFiles(server);
      lost = await cursorsAfter('b');
      await feed.close();
    }
    // What docs/operations.md says not to do: it still has the database called local.
    await using server = await startAt(port, backup, '--replSet', 'rs');
    await using database = await openAgain(server);
    const things = database.collection<{ _id: string; code: string }>(THINGS);
    expect(await things.find({})).toMatchObject([{ _id: 'a' }]);
    const watch = (after: string) => database.watch({ collections: ['things'], heartbeatMs: 200, after });
    for (const after of lost) await expect(watch(after).ready).rejects.toBeInstanceOf(CursorLostError);
    const feeds = kept.map(watch);
    await things.insertOne({ _id: 'c', code: 'c' });
    for (const feed of feeds) {
      expect((await takeChanges(feed, 1)).map(({ id }) => id)).toEqual(['c']);
      await feed.close();
    }
  });
});
