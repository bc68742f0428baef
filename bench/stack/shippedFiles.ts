import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import path from 'node:path';
import { assetPath, readAsset } from '../../platform/readAsset.js';
import { readYaml } from '../../test/deploy/readYaml.js';
import type { Addresses } from './addresses.js';
import type { StackChanges } from './startStack.js';

interface Service {
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

export interface ShippedFiles {
  /** How compose starts a service, with the addresses and files of this machine. */
  command(service: string): readonly string[];
  /** Of every process of ours. */
  readonly environment: NodeJS.ProcessEnv;
  readonly topologyFile: string;
  readonly nginxArgs: readonly string[];
  readonly prometheusFile: string;
}

/**
 * Copies what is in `deploy/` to a folder, and reads docker-compose.yml. What differs from there: addresses; shard a is a
 * replica set of its own, since there is no `mongos`; the gateways follow the registry; mail is files, and traces go nowhere.
 */
export function prepareShippedFiles(
  folder: string,
  addresses: Addresses,
  { maxConcurrent }: StackChanges = {},
): ShippedFiles {
  const [compose] = readYaml('docker-compose.yml') as [{ services: Readonly<Record<string, Service>> }];
  const { translate, port } = addresses;
  const write = (name: string, text: string): string => {
    const file = path.join(folder, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
    return file;
  };

  const configFile = write(
    'headgate.yaml',
    loopback(translate(readAsset('deploy/headgate.yaml'))).replace(
      /^ {2}supergraph: .*\n/m,
      maxConcurrent === undefined
        ? ''
        : `  overload: { maxConcurrent: ${maxConcurrent}, minConcurrent: ${maxConcurrent} }\n`,
    ),
  );

  const [{ shards, replicaSets, database }] = readYaml('deploy/mongo/cluster.yaml') as [
    { shards: readonly ReplicaSet[]; replicaSets: readonly ReplicaSet[]; database: string },
  ];
  const [shop] = shards as [ReplicaSet];
  const sets = [shop, ...replicaSets];
  const topologyFile = write('cluster.yaml', translate(JSON.stringify({ replicaSets: sets, database })));

  const {
    HEADGATE_TRACES_URL: _traces,
    SMTP_URL: _mail,
    ...shipped
  } = (compose.services['worker-1'] as Service).environment;
  const environment = {
    ...Object.fromEntries(
      Object.entries(shipped).map(([name, value]) => [name, loopback(translate(fallbackOf(value)))]),
    ),
    MONGODB_URI: translate(`mongodb://${shop.members.join(',')}/${database}?replicaSet=${shop.name}`),
    HEADGATE_SIGNING_KEY_FILE: path.join(folder, 'registry-key.pem'),
    HEADGATE_PUBLIC_URL: `http://127.0.0.1:${port('nginx:8080')}`,
    NODE_ENV: 'production',
    TMPDIR: folder,
  };

  cpSync(assetPath('deploy/prometheus'), path.join(folder, 'prometheus'), { recursive: true });
  const prometheusFile = write(
    'prometheus/prometheus.yml',
    translate(readAsset('deploy/prometheus/prometheus.yml')),
  );

  return {
    command: (service) =>
      (compose.services[service]?.command ?? []).map((word) =>
        word.replace('/etc/headgate/headgate.yaml', configFile),
      ),
    environment,
    topologyFile,
    prometheusFile,
    nginxArgs: writeNginx(path.join(folder, 'nginx'), addresses, write),
  };
}

interface ReplicaSet {
  readonly name: string;
  readonly members: readonly string[];
}

/** Nothing here is for other machines. */
const loopback = (text: string): string => text.replaceAll('0.0.0.0', '127.0.0.1');

/** `${NAME:-fallback}` as compose reads it, where nothing is set. */
const fallbackOf = (value: string): string => value.replace(/\$\{\w+:-([^}]*)\}/g, '$1');

function writeNginx(
  folder: string,
  { translate, port }: Addresses,
  write: (name: string, text: string) => string,
): readonly string[] {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((kind) => `${kind}_temp_path ${folder}/${kind};`)
    .join(' ');
  const shipped = (file: string) =>
    translate(readAsset(`deploy/nginx/${file}`))
      // At once: the folder may be below /tmp itself.
      .replace(/\/etc\/nginx\/|\/tmp\//g, `${folder}/`)
      .replace(/listen (808\d)/g, (_, of: string) => `listen 127.0.0.1:${port(`nginx:${of}`)}`)
      // Addresses need no resolving, and an NGINX before 1.27.3 does not know the word.
      .replaceAll(' resolve;', ';')
      .replace('http {', `http {\n  ${temporary}`);
  for (const file of ['headgate.conf', 'gateways.conf']) write(`nginx/${file}`, shipped(file));
  const main = write('nginx/nginx.conf', shipped('nginx.conf'));
  // Its workers have to be able to write into the folder; the image has a user for that.
  return ['-p', folder, '-c', main, '-e', 'stderr', '-g', `daemon off; user ${userInfo().username};`];
}
