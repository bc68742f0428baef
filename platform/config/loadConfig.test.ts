import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { ConfigError } from './configError.js';
import { loadConfig } from './loadConfig.js';

const schema = z.strictObject({
  gateway: z
    .strictObject({ port: z.int().min(0).max(65_535).default(4000), names: z.array(z.string()).default([]) })
    .prefault({}),
  uri: z.string().optional(),
});
const environmentKeys = {
  PORT: { path: ['gateway', 'port'], type: 'number' },
  URI: { path: ['uri'] },
} as const;

describe('loadConfig', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'headgate-config-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function load(text: string, env: Record<string, string> = {}) {
    const file = path.join(folder, 'headgate.yaml');
    writeFileSync(file, text);
    return loadConfig({ schema, file, env, environmentKeys });
  }
  function faultsOf(text: string, env: Record<string, string> = {}): readonly string[] {
    try {
      load(text, env);
    } catch (error) {
      if (error instanceof ConfigError) return error.faults.map((fault) => fault.replace(`${folder}/`, ''));
      throw error;
    }
    throw new Error('the configuration was accepted');
  }

  it('works without a file', () => {
    expect(loadConfig({ schema, env: {}, environmentKeys })).toEqual({ gateway: { port: 4000, names: [] } });
  });

  it('lays the environment over the file', () => {
    expect(load('gateway:\n  port: 1\n', { PORT: '2', URI: 'mongodb://a' })).toEqual({
      gateway: { port: 2, names: [] },
      uri: 'mongodb://a',
    });
  });

  it('expands variables, with and without a default, and keeps the type of plain values', () => {
    const text = 'gateway:\n  port: ${P:-4100}\n  names: ["${NAME}", "${EMPTY:-none}", "x${P:-1}y"]\n';
    expect(load(text, { NAME: '12', EMPTY: '' }).gateway).toEqual({
      port: 4100,
      names: ['12', 'none', 'x1y'],
    });
  });

  it.each([
    '@a',
    '*a',
    '&a b',
    '!a',
    '"a',
    "'a",
    '`a',
    '%a',
    '|',
    '[a',
    'a #b',
    'a: b',
    '---',
    '~',
    'null',
    '# a',
  ])('takes the text %s from a variable as it is, whatever it means in YAML', (text) => {
    expect(load('uri: ${U}\n', { U: text }).uri).toBe(text);
  });

  it.each([
    ['a text', 'hello\n', /^headgate\.yaml:1: \(top level\): .*expected object, received string/],
    ['a list', '- a\n', /^headgate\.yaml:1: \(top level\): .*expected object, received array/],
    ['a text where keys are expected', 'gateway: 7\n', /^headgate\.yaml:1: gateway: .*expected object/],
  ])('says so when the file is %s, also beside a variable', (_what, text, fault) => {
    expect(faultsOf(text, { PORT: '1' })[0]).toMatch(fault);
  });

  it('never lets a variable smuggle in structure', () => {
    expect(faultsOf('gateway: ${X}\n', { X: '{port: 1}' })).toEqual([
      'headgate.yaml:1: gateway: Invalid input: expected object, received string',
    ]);
  });

  it.each([
    [
      'a wrong type',
      'gateway:\n  port: many\n',
      {},
      ['headgate.yaml:2: gateway.port: Invalid input: expected number, received string'],
    ],
    ['an unknown key', 'gateway:\n  prot: 1\n', {}, ['headgate.yaml:2: gateway.prot: there is no such key']],
    [
      'a wrong list item',
      'gateway:\n  names:\n    - a\n    - 7\n',
      {},
      ['headgate.yaml:4: gateway.names.1: Invalid input: expected string, received number'],
    ],
    [
      'a wrong variable',
      '',
      { PORT: 'x' },
      ['environment PORT: gateway.port: Invalid input: expected number, received string'],
    ],
    [
      'a variable that is not set',
      'a: 1\nuri: ${NOWHERE}\n',
      {},
      ['headgate.yaml:2: the environment variable NOWHERE is not set'],
    ],
  ])('names file, line and key of %s', (_what, text, env, faults) => {
    expect(faultsOf(text, env)).toEqual(faults);
  });

  it('names the line of broken YAML', () => {
    expect(faultsOf('gateway:\n  port: [1\n')[0]).toMatch(/^headgate\.yaml:\d: /);
    expect(faultsOf('gateway:\n\tport: 1\n')).toEqual([
      'headgate.yaml:2: Tabs are not allowed as indentation',
    ]);
  });

  it.each([
    ['an alias of nothing', 'gateway: 1\nuri: *nothing\n', /^headgate\.yaml: Unresolved alias .*: nothing$/],
    [
      'aliases that stand for more than a file can mean',
      `a: &a [x]\n${['b', 'c', 'd', 'e'].map((name, at) => `${name}: &${name} [${`*${'abcd'[at]},`.repeat(10)}]\n`).join('')}`,
      /^headgate\.yaml: Excessive alias count/,
    ],
  ])('refuses %s', (_what, text, fault) => {
    expect(faultsOf(text)).toEqual([expect.stringMatching(fault)]);
  });

  it('takes for a variable only what the environment has', () => {
    expect(faultsOf('uri: ${constructor}\n')).toEqual([
      'headgate.yaml:1: the environment variable constructor is not set',
    ]);
    expect(load('uri: "${toString:-mine}"\n')).toMatchObject({ uri: 'mine' });
  });

  it('names a file that cannot be read', () => {
    const read = () => loadConfig({ schema, file: path.join(folder, 'none.yaml'), env: {}, environmentKeys });
    expect(read).toThrow(/none\.yaml: cannot be read \(ENOENT\)/);
  });
});
