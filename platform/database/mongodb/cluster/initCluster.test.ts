import { type Document, MaxKey, MinKey, MongoServerError } from 'mongodb';
import type { CollectionDefinition } from '../../database.js';
import { ClusterError } from './clusterError.js';
import { initCluster } from './initCluster.js';
import type { Server, Servers } from './server.js';
import { topologySchema } from './topology.js';

type Sent = readonly [server: string, database: string, command: Document];

/** A cluster that exists only as what it was told. Shards and sharded collections can be there before. */
class RecordedCluster implements Servers {
  readonly sent: Sent[] = [];
  readonly shards: string[] = [];
  readonly sharded = new Map<string, Document>();
  readonly users = new Set<string>();
  readonly configs = new Map<string, Document>();
  window: Document | undefined;

  member(address: string): Server {
    return this.#server(address, (command) => {
      if (command['replSetGetConfig']) {
        const config = this.configs.get(address);
        if (config === undefined) throw new MongoServerError({ message: 'no config yet', code: 94 });
        return { config };
      }
      const config = command['replSetInitiate'] ?? command['replSetReconfig'];
      for (const { host } of config?.members ?? []) this.configs.set(host, { version: 1, ...config });
      if (command['hello']) return { primary: this.configs.get(address)?.['members'][0].host };
      return this.#usersOf(command);
    });
  }

  mongos(uri: string): Server {
    return this.#server(uri, (command) => {
      if (command['listShards']) return { shards: this.shards.map((_id) => ({ _id })) };
      if (command['addShard']) this.shards.push(command['name']);
      if (command['shardCollection']) this.sharded.set(command['shardCollection'], command['key']);
      if (command['update'] === 'settings') this.window = command['updates'][0].u.$set.activeWindow;
      if (command['find'] === 'collections') {
        const key = this.sharded.get(command['filter']._id);
        return { cursor: { firstBatch: key ? [{ key }] : [] } };
      }
      if (command['find'] === 'settings') {
        return { cursor: { firstBatch: this.window ? [{ activeWindow: this.window }] : [] } };
      }
      return this.#usersOf(command);
    });
  }

  /** What changes something, in order. */
  get changes(): readonly Sent[] {
    const asks = ['listShards', 'find', 'usersInfo', 'hello', 'replSetGetConfig'];
    return this.sent.filter(([, , command]) => !asks.includes(Object.keys(command)[0] as string));
  }

  #usersOf(command: Document): Document {
    if (command['createUser']) this.users.add(command['createUser']);
    return command['usersInfo']
      ? { users: [...this.users].filter((name) => name === command['usersInfo'].user) }
      : {};
  }

  #server(name: string, answer: (command: Document) => Document): Server {
    return {
      run: async (database, command) => {
        this.sent.push([name, database, command]);
        return answer(command);
      },
      close: async () => undefined,
    };
  }
}

const MONGOS = 'mongodb://mongos:27017';
const topology = topologySchema.parse({
  mongos: MONGOS,
  configServers: { name: 'config', members: ['config-1:27017'] },
  shards: [
    { name: 'shard-a', members: ['a-1:27017', 'a-2:27017'] },
    { name: 'shard-b', members: ['b-1:27017'] },
  ],
  replicaSets: [{ name: 'inventory', members: ['i-1:27017'] }],
  database: 'shop',
  zones: [{ name: 'north', shards: ['shard-a'], categories: ['books'] }],
  balancerWindow: { start: '02:00', stop: '06:00' },
  users: [
    { name: 'headgate', passwordVariable: 'PASSWORD', databases: ['shop'], replicaSets: ['inventory'] },
  ],
});
const base = {
  indexes: [],
  watched: false,
  read: { preference: 'primary', concern: 'majority' },
  write: { timeoutMs: 1_000 },
  maxTimeMs: 1_000,
} as const;
const collections: readonly CollectionDefinition[] = [
  { ...base, name: 'products', shardKey: { category: 1, _id: 1 } },
  { ...base, name: 'skus', shardKey: { _id: 'hashed' } },
  { ...base, name: 'meta', shardKey: null },
];

async function init(servers: RecordedCluster, changed: Partial<typeof topology> = {}): Promise<string[]> {
  const lines: string[] = [];
  await initCluster({
    topology: { ...topology, ...changed },
    servers,
    collections,
    zonedCollection: 'products',
    passwordOf: (variable) => `the value of ${variable}`,
    report: (line) => lines.push(line),
    electionTimeoutMs: 0,
    pollMs: 1,
  });
  return lines;
}

const roles = [
  { role: 'readWrite', db: 'shop' },
  { role: 'dbAdmin', db: 'shop' },
  { role: 'clusterMonitor', db: 'admin' },
];
const user = { pwd: 'the value of PASSWORD', roles };

describe('headgate cluster init', () => {
  it('sends exactly these commands to new servers', async () => {
    const cluster = new RecordedCluster();
    await init(cluster);
    const members = (...hosts: string[]) => hosts.map((host, _id) => ({ _id, host }));
    expect(cluster.changes).toEqual([
      [
        'config-1:27017',
        'admin',
        { replSetInitiate: { _id: 'config', configsvr: true, members: members('config-1:27017') } },
      ],
      [
        'a-1:27017',
        'admin',
        { replSetInitiate: { _id: 'shard-a', members: members('a-1:27017', 'a-2:27017') } },
      ],
      ['b-1:27017', 'admin', { replSetInitiate: { _id: 'shard-b', members: members('b-1:27017') } }],
      ['i-1:27017', 'admin', { replSetInitiate: { _id: 'inventory', members: members('i-1:27017') } }],
      [MONGOS, 'admin', { addShard: 'shard-a/a-1:27017,a-2:27017', name: 'shard-a' }],
      [MONGOS, 'admin', { addShard: 'shard-b/b-1:27017', name: 'shard-b' }],
      [MONGOS, 'admin', { addShardToZone: 'shard-a', zone: 'north' }],
      [
        MONGOS,
        'admin',
        {
          updateZoneKeyRange: 'shop.products',
          min: { category: 'books', _id: new MinKey() },
          max: { category: 'books', _id: new MaxKey() },
          zone: 'north',
        },
      ],
      [MONGOS, 'admin', { shardCollection: 'shop.products', key: { category: 1, _id: 1 } }],
      [MONGOS, 'admin', { shardCollection: 'shop.skus', key: { _id: 'hashed' } }],
      [
        MONGOS,
        'config',
        {
          update: 'settings',
          updates: [
            {
              q: { _id: 'balancer' },
              u: { $set: { activeWindow: { start: '02:00', stop: '06:00' } } },
              upsert: true,
            },
          ],
          writeConcern: { w: 'majority' },
        },
      ],
      [MONGOS, 'admin', { createUser: 'headgate', ...user }],
      ['i-1:27017', 'admin', { updateUser: 'headgate', ...user }],
    ]);
  });

  it('changes nothing the second time, but says passwords and zones again, which it cannot compare', async () => {
    const cluster = new RecordedCluster();
    await init(cluster);
    const before = cluster.changes.length;
    const lines = await init(cluster);
    expect(cluster.changes.slice(before).map(([, , command]) => Object.keys(command)[0])).toEqual([
      'addShardToZone',
      'updateZoneKeyRange',
      'updateUser',
      'updateUser',
    ]);
    expect(lines).toEqual(
      expect.arrayContaining([
        'shards: all there',
        'collections: all there',
        'balancer window: 02:00 to 06:00, as it was',
      ]),
    );
  });

  it('adds a shard that came into the topology', async () => {
    const cluster = new RecordedCluster();
    await init(cluster);
    const before = cluster.changes.length;
    const shards = [...topology.shards, { name: 'shard-c', members: ['c-1:27017'] }];
    expect(await init(cluster, { shards })).toContain('shards: added shard-c');
    expect(cluster.changes.slice(before)).toContainEqual([
      MONGOS,
      'admin',
      { addShard: 'shard-c/c-1:27017', name: 'shard-c' },
    ]);
  });

  it('refuses a collection that is sharded by another key, and leaves it', async () => {
    const cluster = new RecordedCluster();
    cluster.sharded.set('shop.products', { _id: 1, category: 1 });
    await expect(init(cluster)).rejects.toThrow(ClusterError);
    await expect(init(cluster)).rejects.toThrow('reshardCollection');
    expect(cluster.sharded.get('shop.products')).toEqual({ _id: 1, category: 1 });
  });

  it('refuses a member that belongs to another set', async () => {
    const cluster = new RecordedCluster();
    cluster.configs.set('a-2:27017', { _id: 'other', version: 1, members: [{ _id: 0, host: 'a-2:27017' }] });
    await expect(init(cluster)).rejects.toThrow(
      'a-2:27017 is a member of the replica set other, not of shard-a',
    );
  });

  it('asks every member before it initiates: the first may be a machine that was replaced', async () => {
    const cluster = new RecordedCluster();
    const config = { _id: 'shard-a', version: 3, members: [{ _id: 4, host: 'a-2:27017' }] };
    cluster.configs.set('a-2:27017', config);
    expect(await init(cluster)).toContain('replica set shard-a: added a-1:27017, primary a-2:27017');
    expect(cluster.changes).toContainEqual([
      'a-2:27017',
      'admin',
      {
        replSetReconfig: {
          ...config,
          version: 4,
          members: [...config.members, { _id: 5, host: 'a-1:27017' }],
        },
      },
    ]);
  });

  it('tells a member that the topology does not name, and does not remove it', async () => {
    const cluster = new RecordedCluster();
    await init(cluster);
    const shards = [{ name: 'shard-a', members: ['a-1:27017'] }, ...topology.shards.slice(1)];
    expect(await init(cluster, { shards })).toContain(
      'replica set shard-a: a-2:27017 is not in the topology; it stays',
    );
  });

  it('says when there is no primary', async () => {
    const cluster = new RecordedCluster();
    const silent: Servers = {
      member: (address) => {
        const server = cluster.member(address);
        return { ...server, run: async (db, command) => (command['hello'] ? {} : server.run(db, command)) };
      },
      mongos: (uri) => cluster.mongos(uri),
    };
    await expect(
      initCluster({
        topology,
        servers: silent,
        collections,
        zonedCollection: 'products',
        passwordOf: () => '',
        report: () => undefined,
        electionTimeoutMs: -1,
      }),
    ).rejects.toThrow('config has elected no primary');
  });
});

describe('a topology', () => {
  it.each([
    ['a zone on a shard that is not there', { zones: [{ name: 'z', shards: ['none'], categories: ['a'] }] }],
    [
      'a category in two zones',
      {
        zones: [
          { name: 'y', shards: ['shard-a'], categories: ['a'] },
          { name: 'z', shards: ['shard-b'], categories: ['a'] },
        ],
      },
    ],
    ['shards without a mongos', { mongos: undefined }],
    ['a time that YAML has read as a number', { balancerWindow: { start: 120, stop: '06:00' } }],
    ['a member without its port', { replicaSets: [{ name: 'x', members: ['host'] }] }],
  ])('may not have %s', (_what, change) => {
    expect(topologySchema.safeParse({ ...topology, ...change }).success).toBe(false);
  });
});
