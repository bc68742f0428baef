import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

interface SourceFile {
  /** From the root of the repository, with slashes. */
  readonly file: string;
  readonly lines: number;
  /** Files from the root of the repository, or names of packages. */
  readonly imports: readonly string[];
}

const ROOT = path.join(__dirname, '..');
const IMPORT = /(?:\bfrom|\bimport|\brequire\(|\bimport\()\s*['"]([^'"]+)['"]/g;

function readSource(file: string): SourceFile {
  const text = readFileSync(path.join(ROOT, file), 'utf8');
  const imports = [...text.matchAll(IMPORT)].map(([, target = '']) =>
    target.startsWith('.') ? path.posix.join(path.posix.dirname(file), target) : target,
  );
  return { file, lines: text.trimEnd().split('\n').length, imports };
}

function findSources(folder = ''): SourceFile[] {
  return readdirSync(path.join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const name = path.posix.join(folder, entry.name);
    if (entry.isDirectory()) return /^(\..*|node_modules|dist)$/.test(entry.name) ? [] : findSources(name);
    return /\.tsx?$/.test(entry.name) ? [readSource(name)] : [];
  });
}

const isTest = ({ file }: SourceFile) => file.startsWith('test/') || /\.(test|e2e)\.ts$/.test(file);

/** The room of a file; each subgraph is a room of its own. */
function roomOf(file: string): string {
  const [first = '', second = ''] = file.split('/');
  return first === 'subgraphs' ? `${first}/${second}` : first;
}

/** What a room may import besides itself. A room that is not listed composes others and may import all of them. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  platform: [],
  clients: [],
  gateway: ['platform'],
  schema: ['platform'],
  'subgraphs/shared': ['platform'],
  'subgraphs/products': ['platform', 'subgraphs/shared'],
  'subgraphs/inventory': ['platform', 'subgraphs/shared'],
  'subgraphs/orders': ['platform', 'subgraphs/shared'],
};

function forbiddenRooms(source: SourceFile): string[] {
  const room = roomOf(source.file);
  const allowed = MAY_IMPORT[room];
  if (isTest(source) || allowed === undefined) return [];
  return source.imports
    .filter((target) => target.includes('/') && rooms.has(roomOf(target)))
    .filter((target) => roomOf(target) !== room && !allowed.includes(roomOf(target)))
    .map((target) => `${source.file} imports ${target}`);
}

/** Packages that only adapters know: everybody else speaks to a port. */
const ADAPTERS: Readonly<Record<string, RegExp>> = {
  // The coherence bench also writes past all subgraphs, as an operator would.
  mongodb: /^(platform\/database\/mongodb|bench\/coherence)\//,
  '@keyv/redis': /^gateway\/cache\/redis\//,
  redis: /^gateway\/cache\/redis\//,
  ioredis: /^subgraphs\/orders\/queue\//,
  nodemailer: /^subgraphs\/orders\/mail\//,
  bullmq: /^subgraphs\/orders\/queue\//,
  keyv: /^gateway\/cache\/(redis\/|keyvTier\.ts$|boundedKeyvStore\.ts$)/,
  jose: /^gateway\/identity\/tokenVerifier\.ts$/,
  mingo: /^platform\/database\/embedded\//,
  '@opentelemetry/api': /^platform\/tracing\//,
  '@opentelemetry/sdk-trace-base': /^platform\/tracing\//,
  '@opentelemetry/resources': /^platform\/tracing\//,
  '@opentelemetry/exporter-trace-otlp-http': /^platform\/tracing\//,
  '@apollo/composition': /^schema\/composeSupergraph\.ts$/,
  '@graphql-inspector/core': /^schema\/work\/diffSchemas\.ts$/,
  '@graphql-eslint/eslint-plugin': /^schema\/work\/lintSchema\.ts$/,
  eslint: /^schema\/work\/lintSchema\.ts$/,
  pino: /^platform\/logger\.ts$/,
  graphiql: /^gateway\/explorer\/app\//,
  '@graphiql/react': /^gateway\/explorer\/app\//,
  react: /^gateway\/explorer\/app\//,
  vite: /^gateway\/explorer\/build\//,
};

function forbiddenPackages(source: SourceFile): string[] {
  if (isTest(source)) return [];
  return source.imports.flatMap((target) => {
    const [scope = '', name = ''] = target.split('/');
    const adapters = ADAPTERS[target.startsWith('@') ? `${scope}/${name}` : scope];
    return adapters && !adapters.test(source.file) ? [`${source.file} imports ${target}`] : [];
  });
}

const MAX_LINES = 300;
/** Suites list many cases of one thing; beyond this they are about several things. */
const MAX_TEST_LINES = 500;

const tooLong = (source: SourceFile) => source.lines > (isTest(source) ? MAX_TEST_LINES : MAX_LINES);

const sources = findSources();
const rooms = new Set(sources.map(({ file }) => roomOf(file)));

describe('the architecture', () => {
  it('is read from all of the tree', () => {
    expect([...rooms]).toEqual(expect.arrayContaining([...Object.keys(MAY_IMPORT), 'cli', 'test']));
    const connect = sources.find(({ file }) => file === 'platform/database/mongodb/connect.ts');
    expect(connect?.imports).toContain('mongodb');
    const gateway = sources.find(({ file }) => file === 'gateway/createGateway.ts');
    expect(gateway?.imports).toContain('platform/logger.js');
  });

  it('lets no room know another that it must not know', () => {
    expect(sources.flatMap(forbiddenRooms)).toEqual([]);
  });

  it.each([
    ['gateway/a.ts', 'subgraphs/products/store.js'],
    ['clients/a.ts', 'gateway/cache/consistencyToken.js'],
    ['gateway/a.ts', 'schema/composeSupergraph.js'],
    ['gateway/deep/a.ts', 'cli/config.js'],
    ['gateway/a.ts', 'test/support/held.js'],
    ['subgraphs/orders/a.ts', 'subgraphs/products/store.js'],
    ['subgraphs/orders/a.ts', 'gateway/config.js'],
    ['subgraphs/shared/a.ts', 'subgraphs/orders/store.js'],
    ['platform/a.ts', 'gateway/config.js'],
  ])('would notice that %s imports %s', (file, target) => {
    expect(forbiddenRooms({ file, lines: 1, imports: [target] })).toHaveLength(1);
  });

  it('keeps drivers and loggers behind their adapters', () => {
    expect(sources.flatMap(forbiddenPackages)).toEqual([]);
  });

  it.each([
    ['subgraphs/products/store.ts', 'mongodb'],
    ['gateway/createGateway.ts', '@keyv/redis'],
    ['gateway/cache/memoryTier.ts', 'keyv'],
    ['gateway/createGateway.ts', 'pino'],
    ['schema/check/checker.ts', '@graphql-inspector/core'],
    ['gateway/explorer/createExplorer.ts', 'react'],
    ['gateway/explorer/explorerFiles.ts', 'vite'],
  ])('would notice that %s imports %s', (file, target) => {
    expect(forbiddenPackages({ file, lines: 1, imports: [target] })).toHaveLength(1);
  });

  it(`has no source of more than ${MAX_LINES} lines, and no suite of more than ${MAX_TEST_LINES}`, () => {
    expect(sources.filter(tooLong).map(({ file, lines }) => `${file}: ${lines} lines`)).toEqual([]);
  });
});
