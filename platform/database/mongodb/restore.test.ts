import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { takeChanges, takeHeartbeat } from '../../../test/support/collectChanges.js';
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
  const folders = mkdtempSync(path.join(tmpdir(), 'headgate-restore-'));
  const live = path.join(folders, 'live');
  const backup = path.join(folders, 'backup');
  afterAll(() => rmSync(folders, { recursive: true, force: true }));

  const start = (dbpath: string, ...args: string[]): Promise<ServerProcess> =>
    startServerProcess({
      binary: findMongod() as string,
      readyWhen: /Waiting for connections/,
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
    const database = await openMongodbDatabase({
      uri: `mongodb://${member}/shop?replicaSet=rs`,
      name: 'test',
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
    mkdirSync(live);
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
  }, 120_000);
});
