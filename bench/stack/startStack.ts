import { execFile } from 'node:child_process';
import { createPublicKey } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { assetPath } from '../../platform/readAsset.js';
import { findBinary } from '../../test/support/findBinary.js';
import { findMongod } from '../../test/support/mongod.js';
import { findRedis } from '../../test/support/redis.js';
import { type Addresses, chooseAddresses } from './addresses.js';
import { prepareShippedFiles, type ShippedFiles } from './shippedFiles.js';
import { StackProcess } from './stackProcess.js';

const run = promisify(execFile);
/** As in deploy/headgate.yaml, for a laptop. */
const SCHEMA_TOKEN = 'a-schema-token-for-a-laptop';
const REGISTRY_TOKEN = 'a-registry-token-for-a-laptop';
const HEADGATE = path.join(__dirname, '../../cli/headgate.js');
const SUBGRAPHS = { products: 4001, inventory: 4002, orders: 4003 } as const;
const MEMBERS = [1, 2, 3];

export interface Stack extends AsyncDisposable {
  readonly folder: string;
  readonly addresses: Addresses;
  /** Of NGINX. */
  readonly origin: string;
  /** `undefined` where this machine has no Prometheus. */
  readonly prometheusUrl: string | undefined;
  /** In the order of their start. */
  readonly processes: readonly StackProcess[];
  process(name: string): StackProcess;
  /** @param schemaFile what the subgraph now has */
  publish(subgraph: keyof typeof SUBGRAPHS, schemaFile: string): Promise<void>;
  /** A command of an operator, with the environment of the stack. */
  headgate(...args: readonly string[]): Promise<void>;
}

export interface StackOptions {
  readonly basePort?: number | undefined;
  readonly report: (line: string) => void;
  /** Aborted, nothing more is started, and what was is stopped. */
  readonly signal?: AbortSignal | undefined;
  /** What differs from what is shipped. */
  readonly changes?: StackChanges | undefined;
}

export interface StackChanges {
  /** Lets MongoDB's members be slowed and held by fail points. */
  readonly failPoints?: boolean;
  /** Requests that one gateway executes at once; more are refused. */
  readonly maxConcurrent?: number;
}

/** Everything of docker-compose.yml that this machine can run, as its own processes, each when what it needs is healthy. */
export async function startStack({ basePort, report, signal, changes = {} }: StackOptions): Promise<Stack> {
  const folder = mkdtempSync(path.join(tmpdir(), 'headgate-stack-'));
  const processes: StackProcess[] = [];
  const dispose = async () => {
    for (const one of [...processes].reverse()) await one.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const addresses = await chooseAddresses(basePort);
    return {
      ...(await start(folder, addresses, processes, changes, (line) => {
        report(line);
        signal?.throwIfAborted();
      })),
      [Symbol.asyncDispose]: dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}

async function start(
  folder: string,
  addresses: Addresses,
  processes: StackProcess[],
  changes: StackChanges,
  report: (line: string) => void,
): Promise<Omit<Stack, typeof Symbol.asyncDispose>> {
  const { port } = addresses;
  const files = prepareShippedFiles(folder, addresses, changes);
  const env: NodeJS.ProcessEnv = { ...files.environment, HEADGATE_SCHEMA_TOKEN: SCHEMA_TOKEN };
  mkdirSync(path.join(folder, 'logs'));
  const begin = async (...specs: readonly Omit<StackProcess['spec'], 'logFile'>[]) => {
    const started = specs.map(
      (spec) => new StackProcess({ ...spec, logFile: path.join(folder, 'logs', `${spec.name}.log`) }),
    );
    processes.push(...started);
    await Promise.all(started.map((one) => one.start()));
    report(`${specs.map(({ name }) => name).join(', ')}: healthy`);
  };
  const headgate = (...args: readonly string[]) =>
    run(process.execPath, [HEADGATE, ...args], { env: { ...process.env, ...env } });
  const ready = (address: string) => `http://127.0.0.1:${port(address)}/health/ready`;
  const ours = (name: string, address: string, args: readonly string[], own: NodeJS.ProcessEnv) => ({
    name,
    binary: process.execPath,
    args: [HEADGATE, ...files.command(name), ...args],
    env: { ...env, ...own },
    health: ready(address),
  });

  await begin(
    ...['shard-a', 'inventory'].flatMap((set) =>
      MEMBERS.map((n) => mongod(`${set}-${n}`, folder, addresses, files, changes)),
    ),
  );
  await headgate('cluster', 'init', '--topology', files.topologyFile);
  report('headgate cluster init: done');
  await begin(...['cache', 'queue'].map((name) => redis(name, folder, addresses, files)));

  const subgraph = (name: keyof typeof SUBGRAPHS) => {
    const address = `${name}:${SUBGRAPHS[name]}`;
    return ours(name, address, ['--port', String(port(address))], {
      HEADGATE_METRICS_PORT: String(port(`${name}:9464`)),
    });
  };
  await begin(subgraph('products'), subgraph('inventory'));
  await begin(subgraph('orders'));
  await run(process.execPath, [
    assetPath('deploy/makeSigningKey.mjs'),
    env['HEADGATE_SIGNING_KEY_FILE'] as string,
  ]);
  await begin(
    ...['worker-1', 'worker-2'].map((name) =>
      ours(name, `${name}:9464`, ['--admin-port', String(port(`${name}:9464`))], {}),
    ),
    ours('registry', 'registry:4010', ['--port', String(port('registry:4010'))], {
      HEADGATE_METRICS_PORT: String(port('registry:9464')),
    }),
  );
  const registryUrl = `http://127.0.0.1:${port('registry:4010')}`;
  const publish: Stack['publish'] = async (name, schemaFile) => {
    const url = `http://127.0.0.1:${port(`${name}:${SUBGRAPHS[name]}`)}/graphql`;
    await headgate(
      'schema',
      'publish',
      '--registry',
      registryUrl,
      '--subgraph',
      name,
      '--url',
      url,
      '--schema',
      schemaFile,
    );
  };
  for (const name of Object.keys(SUBGRAPHS) as (keyof typeof SUBGRAPHS)[])
    await publish(name, assetPath(`subgraphs/${name}/typeDefs.graphql`));
  report('products, inventory, orders: published');

  const publicKey = createPublicKey(readFileSync(env['HEADGATE_SIGNING_KEY_FILE'] as string));
  await begin(
    ...MEMBERS.map((number) => {
      const [client, admin] = [`gateway-${number}:4000`, `gateway-${number}:9464`];
      return ours(
        `gateway-${number}`,
        client,
        ['--port', String(port(client)), '--admin-port', String(port(admin))],
        {
          HEADGATE_REGISTRY_URL: registryUrl,
          HEADGATE_REGISTRY_TOKEN: REGISTRY_TOKEN,
          HEADGATE_REGISTRY_PUBLIC_KEY: publicKey.export({ type: 'spki', format: 'pem' }) as string,
          HEADGATE_REGISTRY_CACHE_FILE: path.join(folder, `gateway-${number}-supergraph.json`),
        },
      );
    }),
  );
  await begin({
    name: 'nginx',
    binary: need('NGINX_BINARY', 'nginx'),
    args: files.nginxArgs,
    health: ready('nginx:8080'),
  });
  const prometheus = findBinary('PROMETHEUS_BINARY', ['prometheus']);
  const prometheusUrl = prometheus && `http://127.0.0.1:${port('prometheus:9090')}`;
  if (prometheus && prometheusUrl) {
    const data = path.join(folder, 'prometheus-data');
    const listen = new URL(prometheusUrl).host;
    const args = [
      `--config.file=${files.prometheusFile}`,
      `--storage.tsdb.path=${data}`,
      `--web.listen-address=${listen}`,
    ];
    await begin({ name: 'prometheus', binary: prometheus, args, health: `${prometheusUrl}/-/ready` });
  } else report('prometheus: not on this machine, left out');

  return {
    ...{ folder, addresses, prometheusUrl, processes, publish },
    headgate: async (...args) => void (await headgate(...args)),
    origin: `http://127.0.0.1:${port('nginx:8080')}`,
    process(name) {
      const found = processes.find(({ spec }) => spec.name === name);
      if (found === undefined) throw new Error(`the stack has no ${name}`);
      return found;
    },
  };
}

function mongod(
  name: string,
  folder: string,
  { port }: Addresses,
  files: ShippedFiles,
  { failPoints = false }: StackChanges,
) {
  const own = port(`${name}:27017`);
  const dbpath = path.join(folder, name);
  mkdirSync(dbpath);
  const args = files
    .command(name)
    .slice(1)
    .filter((word) => word !== '--shardsvr' && word !== '--bind_ip_all')
    .map((word) => (word === '27017' ? String(own) : word));
  return {
    ...{ name, health: own, binary: findMongod() ?? need('MONGOD_BINARY', 'mongod') },
    args: [
      ...[...args, '--bind_ip', '127.0.0.1', '--dbpath', dbpath, '--nounixsocket'],
      ...(failPoints ? ['--setParameter', 'enableTestCommands=1'] : []),
    ],
  };
}

function redis(name: string, folder: string, { port }: Addresses, files: ShippedFiles) {
  const own = port(`${name}:6379`);
  const data = path.join(folder, name);
  mkdirSync(data);
  return {
    ...{ name, health: own, binary: findRedis() ?? need('REDIS_SERVER_BINARY', 'redis-server') },
    args: [...files.command(name).slice(1), '--bind', '127.0.0.1', '--port', String(own), '--dir', data],
  };
}

function need(variable: string, name: string): string {
  const found = findBinary(variable, [name]);
  if (found === undefined) throw new Error(`no ${name}: set ${variable}, or put it on the PATH`);
  return found;
}
