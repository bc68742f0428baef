import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { silentLogger } from '../../platform/logger.js';
import { until } from '../../test/support/until.js';
import { createPersistedOperations, type PersistedOperations } from './createPersistedOperations.js';
import { type PersistedMode, persistedConfigSchema } from './persistedConfig.js';

const byHash = (sha256Hash: unknown, version = 1) => ({
  extensions: { persistedQuery: { version, sha256Hash } },
});

describe('persisted operations', () => {
  let folder: string;
  let file: string;
  let opened: PersistedOperations[];
  let counted: string[];
  let reloads: string[];
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'headgate-'));
    file = path.join(folder, 'all.json');
    await writeFile(file, '{"a":"{ a }"}');
    opened = [];
    counted = [];
    reloads = [];
  });
  afterEach(async () => {
    for (const operations of opened) await operations.close();
    await rm(folder, { recursive: true });
  });

  async function open(
    mode: PersistedMode,
    files: readonly (string | { path: string; client: string })[] = [file],
  ) {
    const operations = await createPersistedOperations({
      config: persistedConfigSchema.parse({ mode, files, pollMs: 100 }),
      logger: silentLogger(),
      count: (verdict) => counted.push(verdict),
      onReload: (outcome) => reloads.push(outcome),
    });
    opened.push(operations);
    return operations;
  }

  async function replace(text: string) {
    await writeFile(`${file}.new`, text);
    await rename(`${file}.new`, file);
  }

  const outcome = (operations: PersistedOperations, sent: object, headers = {}) => {
    try {
      return operations.settle(sent, headers).text;
    } catch (error) {
      return (error as { code?: string }).code;
    }
  };

  it.each<[PersistedMode, unknown[], string[]]>([
    ['off', [undefined, undefined, '{ a }', '{ b }', undefined], []],
    [
      'log',
      ['{ a }', '{ a }', '{ a }', '{ b }', 'PERSISTED_QUERY_NOT_FOUND'],
      ['listed', 'listed', 'listed', 'unlisted', 'unknownId'],
    ],
    [
      'require_listed',
      ['{ a }', '{ a }', '{ a }', 'OPERATION_NOT_LISTED', 'PERSISTED_QUERY_NOT_FOUND'],
      ['listed', 'listed', 'listed', 'unlisted', 'unknownId'],
    ],
    [
      'require_id',
      ['{ a }', '{ a }', 'OPERATION_ID_REQUIRED', 'OPERATION_ID_REQUIRED', 'PERSISTED_QUERY_NOT_FOUND'],
      ['listed', 'listed', 'idRequired', 'idRequired', 'unknownId'],
    ],
  ])('settle ids and texts with the mode %s, and count them', async (mode, expected, verdicts) => {
    const operations = await open(mode);
    const sent = [
      { documentId: 'a' },
      { query: '', ...byHash('a') },
      { query: '{ a }' },
      { query: '{ b }' },
      { documentId: 'b' },
    ];
    expect(sent.map((one) => outcome(operations, one))).toEqual(expected);
    expect(counted).toEqual(verdicts);
  });

  it.each(['require_listed', 'require_id'] as const)('let nobody register anything with %s', async (mode) => {
    const operations = await open(mode);
    expect(operations.registered).toBeUndefined();
    expect(outcome(operations, { query: '{ b }', ...byHash('b') })).toMatch(/^OPERATION_/);
    expect(outcome(operations, byHash('b'))).toBe('PERSISTED_QUERY_NOT_FOUND');
    expect(outcome(operations, { ...byHash('a', 2) })).toBeUndefined();
    expect(outcome(operations, { ...byHash(['a']) })).toBeUndefined();
  });

  it('find what was registered, as long as there is room', async () => {
    const operations = await createPersistedOperations({
      config: persistedConfigSchema.parse({ automatic: { maxBytes: 65_536 } }),
      logger: silentLogger(),
      count: () => undefined,
      onReload: () => undefined,
    });
    await operations.registered?.set('apq:h1', `{ ${'a'.repeat(20_000)} }`);
    expect(outcome(operations, byHash('h1'))).toHaveLength(20_004);
    await operations.registered?.set('apq:h2', `{ ${'b'.repeat(20_000)} }`);
    expect(outcome(operations, byHash('h1'))).toBeUndefined();
    expect(outcome(operations, byHash('h2'))).toHaveLength(20_004);
  });

  it('keep the lists of clients apart', async () => {
    const own = path.join(folder, 'ios.json');
    await writeFile(own, '{"a":"{ other }","i":"{ i }"}');
    const operations = await open('require_listed', [file, { path: own, client: 'ios' }]);
    const ios = { 'apollographql-client-name': 'ios' };
    expect(outcome(operations, { documentId: 'a' }, ios)).toBe('{ other }');
    expect(outcome(operations, { query: '{ i }' }, ios)).toBe('{ i }');
    expect(outcome(operations, { documentId: 'a' })).toBe('{ a }');
    expect(outcome(operations, { query: '{ i }' })).toBe('OPERATION_NOT_LISTED');
    expect(outcome(operations, { documentId: 'i' })).toBe('PERSISTED_QUERY_NOT_FOUND');
    expect(operations.headers).toContain('apollographql-client-name');
  });

  it('follow a file, and not to where it is broken', async () => {
    const operations = await open('require_id');
    const { version } = operations;
    await replace('{"b":"{ b }"}');
    await until('the list is read again', () => reloads.length === 1);
    expect(outcome(operations, { documentId: 'a' })).toBe('PERSISTED_QUERY_NOT_FOUND');
    expect(outcome(operations, { documentId: 'b' })).toBe('{ b }');
    expect(operations.version).not.toBe(version);
    await replace('{"b":');
    await until('the broken list is seen', () => reloads.length === 2);
    expect(outcome(operations, { documentId: 'b' })).toBe('{ b }');
    await replace('{"a":"{ a }"}');
    await until('the list is whole again', () => reloads.length === 3);
    expect(reloads).toEqual(['loaded', 'failed', 'loaded']);
    expect(operations.version).toBe(version);
  });

  it('do not start with a file that cannot be used, and name it', async () => {
    await replace('{}');
    await expect(open('log')).rejects.toThrow(`${file} cannot be used: it lists no operation`);
    await expect(open('log', [path.join(folder, 'none.json')])).rejects.toThrow('none.json');
  });

  it('do not start when two files give an id two meanings', async () => {
    const second = path.join(folder, 'second.json');
    await writeFile(second, '{"a":"{ b }"}');
    await expect(open('log', [file, second])).rejects.toThrow('the id a stands for two operations');
  });

  it('demand a list where one is needed', () => {
    expect(() => persistedConfigSchema.parse({ mode: 'require_id' })).toThrow('needs at least one file');
    expect(persistedConfigSchema.parse({ mode: 'require_id', registry: { enabled: true } }).files).toEqual(
      [],
    );
  });
});
