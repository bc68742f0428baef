import os from 'node:os';
import { MongoClient } from 'mongodb';
// Without a suffix: jest loads its global setup by Node's own resolution, which knows the source files only.
import { findBinary } from './findBinary';
import { type ServerProcess, startServerProcess } from './serverProcess';

export interface MongodOptions {
  /** @default what `findMongod` finds */
  readonly binary?: string;
  /** Passed as `--setParameter name=value`. */
  readonly setParameters?: Readonly<Record<string, string | number | boolean>>;
}

export interface ReplicaSetOptions extends MongodOptions {
  /** @default 1 */
  readonly members?: number;
  /** Merged into the member's configuration, e.g. `{ priority: 0 }`; by position. */
  readonly memberSettings?: readonly Readonly<Record<string, unknown>>[];
  /** Merged into those of the set. @default a primary that is lost is noticed after 2 s, and all read from the primary */
  readonly settings?: Readonly<Record<string, unknown>>;
}

export interface ReplicaSet extends AsyncDisposable {
  /** Without a database name: `uriFor` adds one. */
  readonly uri: string;
  readonly members: readonly ServerProcess[];
  uriFor(database: string): string;
}

export function findMongod(): string | undefined {
  return findBinary('MONGOD_BINARY', ['mongod']);
}

/** A single `mongod`; without `replSet` it is a standalone server. */
export async function startMongod(
  options: MongodOptions & { readonly replSet?: string } = {},
): Promise<ServerProcess> {
  const binary = options.binary ?? findMongod();
  if (binary === undefined) throw new Error('no mongod: set MONGOD_BINARY, or put mongod on the PATH');
  const parameters = { diagnosticDataCollectionEnabled: false, ...options.setParameters };
  return startServerProcess({
    binary,
    readyWhen: /Waiting for connections/,
    args: ({ port, folder }) => [
      ...['--bind_ip', '127.0.0.1', '--port', String(port), '--dbpath', folder, '--nounixsocket'],
      ...['--wiredTigerCacheSizeGB', '0.25', '--oplogSize', '64'],
      ...(options.replSet ? ['--replSet', options.replSet] : []),
      ...Object.entries(parameters).flatMap(([name, value]) => ['--setParameter', `${name}=${value}`]),
    ],
  });
}

/** Starts the members, initiates the set, and waits until one is primary and the others are secondaries. */
export async function startReplicaSet(options: ReplicaSetOptions = {}): Promise<ReplicaSet> {
  const name = 'headgate-test';
  const members: ServerProcess[] = [];
  const dispose = async () => {
    await Promise.all(members.map((member) => member[Symbol.asyncDispose]()));
  };
  try {
    for (let index = 0; index < (options.members ?? 1); index++) {
      members.push(await startMongod({ ...options, replSet: name }));
    }
    await initiate(name, members, options);
  } catch (error) {
    await dispose();
    throw error;
  }
  const hosts = members.map(({ port }) => `127.0.0.1:${port}`).join(',');
  return {
    uri: `mongodb://${hosts}/?replicaSet=${name}`,
    uriFor: (database) => `mongodb://${hosts}/${database}?replicaSet=${name}`,
    members,
    [Symbol.asyncDispose]: dispose,
  };
}

async function initiate(
  name: string,
  members: readonly ServerProcess[],
  { memberSettings = [], settings }: ReplicaSetOptions,
): Promise<void> {
  const client = new MongoClient(`mongodb://127.0.0.1:${members[0]?.port}/?directConnection=true`, {
    runtimeAdapters: { os },
  });
  try {
    const admin = client.db('admin');
    await admin.command({
      replSetInitiate: {
        _id: name,
        members: members.map(({ port }, index) => ({
          _id: index,
          host: `127.0.0.1:${port}`,
          ...memberSettings[index],
        })),
        // A member that replicates from another one would be held with it.
        settings: {
          electionTimeoutMillis: 2_000,
          heartbeatIntervalMillis: 500,
          chainingAllowed: false,
          ...settings,
        },
      },
    });
    const deadline = Date.now() + 120_000;
    for (;;) {
      const status = await admin.command({ replSetGetStatus: 1 });
      const states: string[] = status['members']
        .map((member: { stateStr: string }) => member.stateStr)
        .sort();
      const hello = await admin.command({ hello: 1 });
      const settled = states[0] === 'PRIMARY' && states.slice(1).every((state) => state === 'SECONDARY');
      if (settled && (members.length > 1 || hello['isWritablePrimary'])) return;
      if (Date.now() > deadline) throw new Error(`the replica set is not ready: ${states.join(', ')}`);
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  } finally {
    await client.close();
  }
}
