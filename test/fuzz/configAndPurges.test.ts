import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { configSchema, ENVIRONMENT_KEYS, readConfig } from '../../cli/config.js';
import { AdminRefusal } from '../../gateway/admin/adminRefusal.js';
import { parsePurgeRequest } from '../../gateway/admin/purgeRequest.js';
import { ConfigError } from '../../platform/config/configError.js';
import { fuzzed } from '../support/fuzz.js';

describe('the configuration', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'headgate-'));
  const file = path.join(folder, 'headgate.yaml');
  afterAll(() => rmSync(folder, { recursive: true }));

  /** A whole configuration, or faults of one line each; anything else is thrown. */
  function read(content: string, env: Record<string, string>): void {
    writeFileSync(file, content);
    try {
      expect(Object.keys(readConfig(file, env)).sort()).toEqual(Object.keys(configSchema.shape).sort());
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      expect(error.faults.length).toBeGreaterThan(0);
      for (const fault of error.faults) expect(fault).toMatch(/^[^\n]+: [^\n]+/);
    }
  }

  const name = fc.constantFrom(
    ...[
      'gateway',
      'log',
      'cache',
      'subgraphs',
      'orders',
      'byName',
      'port',
      'level',
      'redisUrl',
      'identity',
      'limits',
    ],
    ...['constructor', '__proto__', 'toString', 'a b', '', '0'],
  );
  const scalar = fc.oneof(
    fc.constantFrom(
      '${PORT}',
      '${PORT:-4000}',
      '${constructor}',
      '${__proto__:-}',
      '${',
      'info',
      'http://x',
      'yes',
    ),
    fc.string({ maxLength: 12 }),
    fc.double(),
    fc.boolean(),
    fc.constant(null),
  );
  const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4 },
      scalar,
      fc.dictionary(name, tie('tree'), { maxKeys: 5 }),
      fc.array(tie('tree'), { maxLength: 3 }),
    ),
  }));
  const env = fc.dictionary(
    fc.constantFrom(...Object.keys(ENVIRONMENT_KEYS)),
    fc.oneof(fc.constantFrom('', '4000', 'true', 'http://x', '${PORT}'), fc.string({ maxLength: 12 })),
    { maxKeys: 3 },
  );

  it('is read or refused line by line, whatever values and variables there are', () => {
    fc.assert(
      fc.property(tree, env, (value, variables) => read(stringify(value), variables)),
      fuzzed(200),
    );
  });

  it('is read or refused line by line, whatever the file holds', () => {
    const yaml = fc
      .array(
        fc.oneof(
          fc.constantFrom(
            'gateway:',
            'port: 1',
            '\n',
            '\n  ',
            '- ',
            '&a ',
            '*a',
            '<<: ',
            '? ',
            '!!set ',
            '!x ',
            '|',
          ),
          fc.constantFrom(
            '{',
            '}',
            '[',
            ']',
            '"',
            "'",
            '#',
            '---\n',
            '...\n',
            '%YAML 9\n',
            '\t',
            '${PORT',
            '}',
            ': ',
          ),
          fc.string({ maxLength: 4 }),
        ),
        { maxLength: 16 },
      )
      .map((parts) => parts.join(''));
    fc.assert(fc.property(fc.oneof(yaml, fc.string({ unit: 'binary' })), env, read), fuzzed(500));
  });
});

describe('the body of a purge', () => {
  const SERVED = ['products', 'stock'];
  const text = fc.oneof(
    fc.constantFrom('products', 'stock', 'Product', 'product:1', '', 'a b', '__proto__', '\ud800'),
    fc.string({ unit: 'binary', maxLength: 12 }),
  );
  const loose = (value: fc.Arbitrary<unknown>) => fc.oneof({ weight: 4, arbitrary: value }, fc.jsonValue());
  const ours = fc.record(
    {
      tags: loose(fc.array(text, { maxLength: 3 })),
      types: loose(fc.array(text, { maxLength: 3 })),
      subgraphs: loose(fc.array(text, { maxLength: 3 })),
      dryRun: loose(fc.boolean()),
    },
    { requiredKeys: [] },
  );
  const router = fc.array(
    fc.record(
      {
        kind: fc.constantFrom('subgraph', 'type', 'entity', 'cache_tag', 'other'),
        subgraph: text,
        type: text,
        key: loose(fc.dictionary(text, fc.oneof(text, fc.integer(), fc.jsonValue()), { maxKeys: 2 })),
        subgraphs: fc.array(text, { maxLength: 2 }),
        cache_tag: text,
      },
      { requiredKeys: ['kind'] },
    ),
    { maxLength: 3 },
  );
  const exact = fc.oneof(
    fc.record({ kind: fc.constant('type'), subgraph: fc.constantFrom(...SERVED), type: text }),
    fc.record({
      kind: fc.constant('entity'),
      subgraph: fc.constantFrom(...SERVED),
      type: text,
      key: fc.dictionary(text, fc.oneof(text, fc.integer(), fc.jsonValue()), { maxKeys: 2 }),
    }),
    fc.record({
      kind: fc.constant('cache_tag'),
      subgraphs: fc.constant(SERVED),
      cache_tag: text,
    }),
  );

  it('is understood whole, or refused with a status of its own', () => {
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), ours, router, fc.array(exact, { maxLength: 2 })), (body) => {
        try {
          const { tags, dryRun } = parsePurgeRequest(JSON.parse(JSON.stringify(body)), SERVED);
          expect(tags.length).toBeGreaterThan(0);
          expect(new Set(tags).size).toBe(tags.length);
          expect(typeof dryRun).toBe('boolean');
        } catch (error) {
          if (!(error instanceof AdminRefusal)) throw error;
          expect(error.status).toBe(400);
        }
      }),
      fuzzed(600),
    );
  });
});
