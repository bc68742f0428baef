import { createServer } from 'node:net';
import { startMongod } from '../../../test/support/mongod.js';
import { describeReal, realMongodbUri } from '../../../test/support/realParts.js';
import { DatabaseTimeoutError, DatabaseUnavailableError } from '../errors.js';
import { openMongodbDatabase } from './mongodbDatabase.js';
import type { CommandEvent } from './monitorCommands.js';

describe('connecting to MongoDB', () => {
  it('gives up on a host that is not there within the selection timeout', async () => {
    // Holds a port so that nobody else answers on it, and hangs up on whoever comes.
    await using deaf = await startDeafServer();
    const startedAt = Date.now();
    const opening = openMongodbDatabase({
      uri: `mongodb://ada:secret@127.0.0.1:${deaf.port}/shop`,
      name: 'test',
      serverSelectionTimeoutMs: 300,
    });
    const error = await opening.catch((reason) => reason);
    expect(error).toBeInstanceOf(DatabaseUnavailableError);
    expect(Date.now() - startedAt).toBeLessThan(5_000);
    expect(String(error.message)).not.toContain('secret');
  });

  it.each([
    'mongodb://ada:secret@',
    'mongo://ada:secret@localhost/shop',
    'mongodb://ada:sec ret@localhost:port/shop',
  ])('never repeats the password of a URI that is not valid: %s', async (uri) => {
    const error = await openMongodbDatabase({ uri, name: 'test' }).catch((reason) => reason);
    expect(error).toBeInstanceOf(Error);
    expect(`${error.message} ${error.stack} ${error.cause}`).not.toMatch(/sec ?ret/);
  });
});

describeReal(['mongodb', 'mongod'], 'connecting to a real MongoDB', () => {
  it('refuses a standalone server and tells how to start one that will do', async () => {
    await using standalone = await startMongod();
    const opening = openMongodbDatabase({ uri: `mongodb://127.0.0.1:${standalone.port}/shop`, name: 'test' });
    const error = await opening.catch((reason) => reason);
    expect(error).toBeInstanceOf(DatabaseUnavailableError);
    expect(error.message).toMatch(/standalone.*--replSet.*rs\.initiate/s);
  });

  it('describes itself by hosts and database name alone', async () => {
    const uri = realMongodbUri();
    const database = await openMongodbDatabase({ uri, name: 'test' });
    const [, hosts, name] = /^mongodb:\/\/([^/]+)\/(\w+)/.exec(uri) ?? [];
    expect(database.description).toBe(`mongodb://${hosts}/${name}`);
    await database.close();
  });

  it('takes its own name for the database when the URI has none', async () => {
    const uri = realMongodbUri().replace(/\/test_\w+/, '/');
    const database = await openMongodbDatabase({ uri, name: 'headgate_test_nameless' });
    expect(database.description).toMatch(/\/headgate_test_nameless$/);
    await database.close();
  });

  it('answers a ping, and fails as unavailable once it is closed', async () => {
    const database = await openMongodbDatabase({ uri: realMongodbUri(), name: 'test' });
    await database.ping(2_000);
    await database.close();
    await expect(database.ping(200)).rejects.toBeInstanceOf(DatabaseUnavailableError);
  });

  it('tells its listener of every command and of its end, with the limits that were set', async () => {
    const events: CommandEvent[] = [];
    const database = await openMongodbDatabase({
      uri: realMongodbUri(),
      name: 'test',
      onCommand: (event) => events.push(event),
    });
    const collection = database.collection({
      name: 'things',
      shardKey: null,
      indexes: [],
      watched: false,
      read: { preference: 'secondaryPreferred', concern: 'majority', maxStalenessSeconds: 90 },
      write: { timeoutMs: 1_234 },
      maxTimeMs: 4_321,
    });
    await collection.insertOne({ _id: 'a' });
    await collection.find({ _id: 'a' }, { limit: 150 });
    await database.close();
    const started = (name: string) =>
      events.flatMap((event) => (event.phase === 'started' && event.name === name ? [event] : []));
    expect(started('insert')[0]?.command).toMatchObject({
      writeConcern: { w: 'majority', j: true, wtimeout: 1_234 },
      maxTimeMS: 4_321,
    });
    expect(started('find')[0]?.command).toMatchObject({
      readConcern: { level: 'majority' },
      maxTimeMS: 4_321,
    });
    expect(started('getMore')).toEqual([]);
    const find = events.find(
      ({ phase, requestId }) => phase === 'succeeded' && requestId === started('find')[0]?.requestId,
    );
    expect(find).toMatchObject({ name: 'find', durationMs: expect.any(Number) });
  });

  it('stops an operation that runs into its time limit', async () => {
    const database = await openMongodbDatabase({ uri: realMongodbUri(), name: 'test' });
    const slow = database.collection({
      name: 'slow',
      shardKey: null,
      indexes: [],
      watched: false,
      read: { preference: 'primary', concern: 'local' },
      write: { timeoutMs: 1_000 },
      maxTimeMs: 20,
    });
    await slow.insertOne({ _id: 'a' }).catch(() => undefined);
    const filter = { $where: 'sleep(2000) || true' };
    await expect(slow.find(filter)).rejects.toBeInstanceOf(DatabaseTimeoutError);
    await database.close();
  });
});

async function startDeafServer(): Promise<AsyncDisposable & { readonly port: number }> {
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  return {
    port: address.port,
    [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
