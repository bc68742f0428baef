import { findMongod } from '../../../../test/support/mongod.js';
import { describeReal } from '../../../../test/support/realParts.js';
import { startServerProcess } from '../../../../test/support/serverProcess.js';
import { initCluster } from './initCluster.js';
import { driverServers } from './server.js';
import { topologySchema } from './topology.js';

/** A `mongod` that is to be a member of a set and is not yet. */
function startMember(replicaSet: string, args: readonly string[] = []) {
  return startServerProcess({
    binary: findMongod() as string,
    readyWhen: /Waiting for connections/,
    args: ({ port, folder }) => [
      ...['--bind_ip', '127.0.0.1', '--port', String(port), '--dbpath', folder, '--nounixsocket'],
      ...['--wiredTigerCacheSizeGB', '0.25', '--oplogSize', '64', '--replSet', replicaSet, ...args],
    ],
  });
}

async function init(topology: object): Promise<string[]> {
  const lines: string[] = [];
  await initCluster({
    topology: topologySchema.parse(topology),
    servers: driverServers(),
    collections: [],
    zonedCollection: 'products',
    passwordOf: () => 'a password of a test',
    report: (line) => lines.push(line),
  });
  return lines;
}

const addressOf = ({ port }: { port: number }) => `127.0.0.1:${port}`;

describeReal('mongod', 'headgate cluster init on real servers', () => {
  it('initiates a set, leaves it when it is there, adds a member later, and refuses another name', async () => {
    await using first = await startMember('rs');
    await using second = await startMember('rs');
    const user = { name: 'headgate', passwordVariable: 'P', databases: ['shop'], replicaSets: ['rs'] };
    const of = (...members: string[]) => ({ replicaSets: [{ name: 'rs', members }], users: [user] });
    const primary = `primary ${addressOf(first)}`;
    expect(await init(of(addressOf(first)))).toEqual([
      `replica set rs: initiated, ${primary}`,
      'user headgate on rs: created',
    ]);
    expect(await init(of(addressOf(first)))).toEqual([
      `replica set rs: is there, ${primary}`,
      'user headgate on rs: updated',
    ]);
    expect(await init(of(addressOf(second), addressOf(first)))).toEqual([
      `replica set rs: added ${addressOf(second)}, ${primary}`,
      'user headgate on rs: updated',
    ]);
    expect(await init(of(addressOf(second), addressOf(first)))).toContain(
      `replica set rs: is there, ${primary}`,
    );
  });

  it('gives seven members a vote, as many as may have one, and lets the others replicate', async () => {
    const started = await Promise.all(Array.from({ length: 9 }, () => startMember('wide')));
    await using _stopped = {
      [Symbol.asyncDispose]: async () =>
        void (await Promise.all(started.map((one) => one[Symbol.asyncDispose]()))),
    };
    const members = started.map(addressOf);
    const of = (count: number) => ({ replicaSets: [{ name: 'wide', members: members.slice(0, count) }] });
    expect(await init(of(8))).toEqual([expect.stringContaining('replica set wide: initiated')]);
    expect(await init(of(9))).toEqual([expect.stringContaining(`replica set wide: added ${members[8]}`)]);
    const server = driverServers().member(members[0] as string);
    const { config } = await server.run('admin', { replSetGetConfig: 1 });
    await server.close();
    const votes = (config.members as { host: string; votes: number; priority: number }[]).map(
      ({ host, votes, priority }) => [host, votes, priority],
    );
    expect(votes).toEqual(members.map((host, index) => (index < 7 ? [host, 1, 1] : [host, 0, 0])));
  });

  it('makes the replica sets of config servers and of shards', async () => {
    await using config = await startMember('config', ['--configsvr']);
    await using shard = await startMember('shard-a', ['--shardsvr']);
    const sets = {
      configServers: { name: 'config', members: [addressOf(config)] },
      replicaSets: [{ name: 'shard-a', members: [addressOf(shard)] }],
    };
    expect(await init(sets)).toEqual([
      `replica set config: initiated, primary ${addressOf(config)}`,
      `replica set shard-a: initiated, primary ${addressOf(shard)}`,
    ]);
  });
});
