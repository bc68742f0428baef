import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { recordingLogger } from '../../test/support/recordingLogger.js';
import { until } from '../../test/support/until.js';
import type { NamedList } from './operationLists.js';
import type { RegistryLists } from './registryLists.js';
import { type WatchedLists, type WatchOptions, watchOperationLists } from './watchOperationLists.js';

const ofIos = (operations: Record<string, string>): NamedList[] => [
  { client: 'ios', list: new Map(Object.entries(operations)) },
];

describe('watched lists of operations', () => {
  let folder: string;
  let opened: WatchedLists[];
  let reloads: string[];
  let lines: Record<string, unknown>[];
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'headgate-'));
    opened = [];
    reloads = [];
  });
  afterEach(async () => {
    await Promise.all(opened.map((lists) => lists.close()));
    await rm(folder, { recursive: true });
  });

  async function write(name: string, operations: Record<string, string>): Promise<string> {
    const file = path.join(folder, name);
    await writeFile(`${file}.new`, JSON.stringify(operations));
    await rename(`${file}.new`, file);
    return file;
  }

  async function watch(files: WatchOptions['config']['files'], registry?: RegistryLists) {
    const recording = recordingLogger();
    lines = recording.lines;
    const lists = await watchOperationLists({
      config: { files, pollMs: 2 },
      registry,
      logger: recording.logger,
      onReload: (outcome) => reloads.push(outcome),
    });
    opened.push(lists);
    return lists;
  }

  it('leave out an id of the registry that means something else in a file, at the start and later', async () => {
    let publish: (lists: readonly NamedList[]) => void = () => undefined;
    const file = await write('ios.json', { a: '{ a }' });
    const lists = await watch([{ path: file, client: 'ios' }], {
      description: 'the registry',
      read: async () => ofIos({ a: '{ other }', b: '{ b }' }),
      watch(onChange) {
        publish = onChange;
      },
      close: async () => undefined,
    });
    const found = () => ['a', 'b', 'c'].map((id) => lists.current.find(id, 'ios'));
    expect(found()).toEqual(['{ a }', '{ b }', undefined]);
    expect(lists.current.lists('{ other }', 'ios')).toBe(false);
    expect(lines).toContainEqual(
      expect.objectContaining({ registry: 'the registry', first: [{ client: 'ios', id: 'a' }] }),
    );
    publish(ofIos({ a: '{ other }', c: '{ c }' }));
    expect(found()).toEqual(['{ a }', undefined, '{ c }']);
    expect(reloads).toEqual(['failed', 'failed']);
    publish(ofIos({ a: '{ a }' }));
    expect(reloads).toEqual(['failed', 'failed', 'loaded']);
    publish(ofIos({ a: '{ other }' }));
    await write('ios.json', { c: '{ c }' });
    await until('the file is read again', () => reloads.length === 5);
    expect(found()).toEqual(['{ other }', undefined, '{ c }']);
  });

  it('take a file that was refused as soon as it goes with the others', async () => {
    const files = [await write('one.json', { a: '{ a }' }), await write('two.json', { b: '{ b }' })];
    const lists = await watch(files);
    const found = () => ['a', 'b', 'c'].map((id) => lists.current.find(id, ''));
    await write('two.json', { a: '{ other }' });
    await until('the second file is refused', () => reloads.length === 1);
    await write('one.json', { a: '{ a }', c: '{ c }' });
    await until('the first file is read again', () => reloads.length === 2);
    expect(found()).toEqual(['{ a }', '{ b }', '{ c }']);
    await write('one.json', { c: '{ c }' });
    await until('the first file gives the id away', () => reloads.length === 3);
    expect(found()).toEqual(['{ other }', undefined, '{ c }']);
    expect(reloads).toEqual(['failed', 'loaded', 'loaded']);
  });
});
