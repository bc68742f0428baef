import type { CollectionDefinition } from '../../database.js';
import { type InitReplicaSetOptions, initReplicaSet } from './initReplicaSet.js';
import type { Server, Servers } from './server.js';
import { setUser } from './setUser.js';
import { addShards, setBalancerWindow, setZones, shardCollections } from './shardCollections.js';
import type { ReplicaSetTopology, Topology } from './topology.js';

export interface InitClusterOptions extends Pick<InitReplicaSetOptions, 'electionTimeoutMs' | 'pollMs'> {
  readonly topology: Topology;
  readonly servers: Servers;
  /** Of the sharded database; those without a shard key stay on one shard. */
  readonly collections: readonly CollectionDefinition[];
  /** The one whose first key field is `category`. */
  readonly zonedCollection: string;
  passwordOf(variable: string): string;
  /** One line for each thing that was done, or was there already. */
  report(line: string): void;
}

/**
 * Makes what is missing and changes nothing that is as wanted, so that it can run at each start and after each change of
 * the topology. What it would have to take away it leaves, and says so.
 */
export async function initCluster(options: InitClusterOptions): Promise<void> {
  const { topology, servers } = options;
  const { configServers, shards, replicaSets } = topology;
  if (configServers) await makeReplicaSet(options, configServers, true);
  for (const shard of shards) await makeReplicaSet(options, shard, false);
  const primaries = new Map<string, string>();
  for (const set of replicaSets) primaries.set(set.name, await makeReplicaSet(options, set, false));
  if (topology.mongos !== undefined) {
    await using mongos = disposable(servers.mongos(topology.mongos));
    await makeSharding(options, mongos);
    for (const user of topology.users) await makeUser(options, mongos, 'the cluster', user);
  }
  for (const user of topology.users) {
    for (const set of user.replicaSets) {
      await using primary = disposable(servers.member(primaries.get(set) as string));
      await makeUser(options, primary, set, user);
    }
  }
}

async function makeReplicaSet(
  { servers, report, electionTimeoutMs, pollMs }: InitClusterOptions,
  replicaSet: ReplicaSetTopology,
  configServers: boolean,
): Promise<string> {
  const outcome = await initReplicaSet({
    servers,
    replicaSet,
    configServers,
    ...(electionTimeoutMs !== undefined && { electionTimeoutMs }),
    ...(pollMs !== undefined && { pollMs }),
  });
  const what = { initiated: 'initiated', extended: `added ${outcome.added.join(', ')}`, nothing: 'is there' };
  report(`replica set ${replicaSet.name}: ${what[outcome.did]}, primary ${outcome.primary}`);
  for (const host of outcome.unnamed) {
    report(`replica set ${replicaSet.name}: ${host} is not in the topology; it stays`);
  }
  return outcome.primary;
}

async function makeSharding(options: InitClusterOptions, mongos: Server): Promise<void> {
  const { topology, collections, zonedCollection, report } = options;
  report(`shards: ${listed(await addShards(mongos, topology), 'added')}`);
  await setZones(mongos, topology, zonedCollection);
  if (topology.zones.length > 0) report(`zones: ${topology.zones.map(({ name }) => name).join(', ')}`);
  const sharded = await shardCollections(mongos, topology.database, collections);
  report(`collections: ${listed(sharded, 'sharded')}`);
  if (topology.balancerWindow) {
    const changed = await setBalancerWindow(mongos, topology);
    const { start, stop } = topology.balancerWindow;
    report(`balancer window: ${start} to ${stop}${changed ? '' : ', as it was'}`);
  }
}

async function makeUser(
  { passwordOf, report }: InitClusterOptions,
  server: Server,
  where: string,
  { name, passwordVariable, databases }: Topology['users'][number],
): Promise<void> {
  const did = await setUser(server, { name, databases, password: passwordOf(passwordVariable) });
  report(`user ${name} on ${where}: ${did}`);
}

function listed(names: readonly string[], did: string): string {
  return names.length === 0 ? 'all there' : `${did} ${names.join(', ')}`;
}

function disposable(server: Server): Server & AsyncDisposable {
  return { ...server, [Symbol.asyncDispose]: () => server.close() };
}
