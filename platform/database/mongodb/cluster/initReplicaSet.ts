import { type Document, MongoServerError } from 'mongodb';
import { ClusterError } from './clusterError.js';
import type { Server, Servers } from './server.js';
import type { ReplicaSetTopology } from './topology.js';

const NOT_YET_INITIALIZED = 94;

/** More may not vote (MongoDB's manual, "MongoDB Limits and Thresholds"): the rest replicates, and is never primary. */
const MAX_VOTERS = 7;

export interface InitReplicaSetOptions {
  readonly servers: Servers;
  readonly replicaSet: ReplicaSetTopology;
  /** A set of config servers says so in its configuration. @default false */
  readonly configServers?: boolean;
  /** How long an election may take. @default 60000 */
  readonly electionTimeoutMs?: number;
  /** @default 250 */
  readonly pollMs?: number;
}

export interface ReplicaSetOutcome {
  readonly did: 'initiated' | 'extended' | 'nothing';
  readonly added: readonly string[];
  /** Members that the topology does not name. They are left alone: removing one could lose a majority. */
  readonly unnamed: readonly string[];
  /** Address of the primary. */
  readonly primary: string;
}

/**
 * Initiates the set unless one of its members is in one already; then adds members that are missing. Resolves when there
 * is a primary. @throws ClusterError when a member belongs to a set of another name
 */
export async function initReplicaSet(options: InitReplicaSetOptions): Promise<ReplicaSetOutcome> {
  const { servers, replicaSet, configServers = false } = options;
  const { name, members } = replicaSet;
  const existing = await findInitiated(servers, replicaSet);
  if (existing === undefined) {
    const [first = ''] = members;
    await withServer(servers.member(first), (server) =>
      server.run('admin', {
        replSetInitiate: {
          _id: name,
          ...(configServers && { configsvr: true }),
          members: members.map((host, _id) => member(_id, host, _id)),
        },
      }),
    );
    return { did: 'initiated', added: [], unnamed: [], primary: await primaryOf(options, first) };
  }
  const primary = await primaryOf(options, existing.address);
  const known = hostsOf(existing.config);
  const added = members.filter((host) => !known.includes(host));
  await withServer(servers.member(primary), async (server) => {
    // One at a time: MongoDB refuses to change more than one voting member in one step.
    for (const host of added) await addMember(server, host);
  });
  const unnamed = known.filter((host) => !members.includes(host));
  return { did: added.length > 0 ? 'extended' : 'nothing', added, unnamed, primary };
}

/** Every member is asked: the first one may be a new machine, and initiating it would split the set. */
async function findInitiated(
  servers: Servers,
  { name, members }: ReplicaSetTopology,
): Promise<{ address: string; config: Document } | undefined> {
  for (const address of members) {
    const config = await withServer(servers.member(address), async (server) => {
      try {
        return (await server.run('admin', { replSetGetConfig: 1 }))['config'] as Document;
      } catch (error) {
        if (error instanceof MongoServerError && error.code === NOT_YET_INITIALIZED) return undefined;
        throw error;
      }
    });
    if (config === undefined) continue;
    if (config['_id'] !== name) {
      throw new ClusterError(`${address} is a member of the replica set ${config['_id']}, not of ${name}`);
    }
    return { address, config };
  }
  return undefined;
}

async function addMember(server: Server, host: string): Promise<void> {
  const { config } = await server.run('admin', { replSetGetConfig: 1 });
  const present = config.members as { readonly _id: number; readonly votes: number }[];
  const ids = present.map(({ _id }) => _id);
  const voters = present.filter(({ votes }) => votes > 0).length;
  await server.run('admin', {
    replSetReconfig: {
      ...config,
      version: config.version + 1,
      members: [...present, member(Math.max(...ids) + 1, host, voters)],
    },
  });
}

/** @param voters how many others may vote */
function member(_id: number, host: string, voters: number): Document {
  return voters < MAX_VOTERS ? { _id, host } : { _id, host, votes: 0, priority: 0 };
}

async function primaryOf(options: InitReplicaSetOptions, address: string): Promise<string> {
  const { servers, replicaSet, electionTimeoutMs = 60_000, pollMs = 250 } = options;
  const deadline = Date.now() + electionTimeoutMs;
  return withServer(servers.member(address), async (server) => {
    for (;;) {
      const { primary } = await server.run('admin', { hello: 1 });
      if (typeof primary === 'string') return primary;
      if (Date.now() > deadline) {
        throw new ClusterError(`${replicaSet.name} has elected no primary in ${electionTimeoutMs} ms`);
      }
      await new Promise((resolve) => setTimeout(resolve, pollMs));
    }
  });
}

function hostsOf(config: Document): string[] {
  return (config['members'] as { host: string }[]).map(({ host }) => host);
}

async function withServer<T>(server: Server, use: (server: Server) => Promise<T>): Promise<T> {
  try {
    return await use(server);
  } finally {
    await server.close();
  }
}
