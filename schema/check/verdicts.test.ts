import { createHash } from 'node:crypto';
import { buildSchema } from 'graphql';
import { federationLink } from '../../test/support/federationLink.js';
import {
  type RegistryTester,
  startTestRegistry,
  startTestWorker,
} from '../../test/support/registryTester.js';
import { ARGUMENT_CHANGES } from '../../test/support/schemaChanges/argumentChanges.js';
import { FIELD_CHANGES } from '../../test/support/schemaChanges/fieldChanges.js';
import { INPUT_CHANGES } from '../../test/support/schemaChanges/inputChanges.js';
import { TYPE_CHANGES } from '../../test/support/schemaChanges/typeChanges.js';
import type { Expected, SchemaChangeCase } from '../../test/support/schemaChanges/words.js';
import { usedCoordinates } from '../../test/support/usedCoordinates.js';
import type { Job, ResultOf } from '../work/jobs.js';
import type { SchemaWorker } from '../work/schemaWorker.js';
import type { CheckedChange, CheckResult, Verdict } from './checkResult.js';

const SCHEMA_CHANGES = [...FIELD_CHANGES, ...ARGUMENT_CHANGES, ...INPUT_CHANGES, ...TYPE_CHANGES];
const LINK = federationLink('@key', '@shareable', '@inaccessible');
const WORST: readonly Verdict[] = ['breaking', 'dangerous', 'unused', 'safe'];

let worker: SchemaWorker;
beforeAll(() => {
  worker = onceEach(startTestWorker());
});
afterAll(() => worker.close());

/** Three checks of one schema differ in what is used, not in what the thread does for them. */
function onceEach(real: SchemaWorker): SchemaWorker {
  const done = new Map<string, Promise<unknown>>();
  return {
    ...real,
    run<J extends Job>(job: J) {
      const key = JSON.stringify(job);
      const result = done.get(key) ?? real.run(job);
      done.set(key, result);
      return result as Promise<ResultOf<J>>;
    },
  };
}

/** The worst that is said about any part of the change; an operation that no longer fits breaks. */
function worstOf({ changes, operations }: CheckResult): Expected {
  if (operations.length > 0) return 'breaking';
  return WORST.find((verdict) => changes.some((change) => change.verdict === verdict)) ?? 'no change';
}

async function check(registry: RegistryTester, { after }: SchemaChangeCase): Promise<CheckResult> {
  const { status, body } = await registry.ask('products', '/v1/check', {
    subgraph: 'products',
    schema: `${LINK}\n${after}`,
    context: 'PR-1',
  });
  expect({ status, faults: body.faults }).toEqual({ status: 200, faults: [] });
  return body;
}

async function report(
  registry: RegistryTester,
  text: string,
  { before, variables }: Pick<SchemaChangeCase, 'before' | 'variables'>,
): Promise<void> {
  const now = new Date().toISOString();
  const plain = before.replaceAll(/ @(key\([^)]*\)|shareable|inaccessible)/g, '');
  const { status, body } = await registry.ask('gateway', '/v1/usage', {
    supergraph: '0'.repeat(64),
    from: now,
    to: now,
    dropped: 0,
    operations: [
      {
        id: createHash('sha256').update(text).digest('hex'),
        name: 'Named',
        kind: text.startsWith('mutation') ? 'mutation' : 'query',
        text,
        client: { name: 'shop', version: '1.2' },
        count: 7,
        errors: 0,
        ...usedCoordinates(buildSchema(plain), text, variables),
      },
    ],
  });
  expect({ status, body }).toEqual({ status: 204, body: '' });
}

describe('what a check says about a change', () => {
  it('is known for at least 40 changes, each of them another one', () => {
    expect(SCHEMA_CHANGES.length).toBeGreaterThanOrEqual(40);
    expect(new Set(SCHEMA_CHANGES.map(({ change }) => change)).size).toBe(SCHEMA_CHANGES.length);
  });

  it.each(SCHEMA_CHANGES)(
    '$change: $unknown; $unused when unused, $used when used ($source)',
    async (one) => {
      await using registry = await startTestRegistry({ worker });
      expect((await registry.publish({ name: 'products', schema: `${LINK}\n${one.before}` })).status).toBe(
        200,
      );

      const unknown = await check(registry, one);
      expect({ unknown: worstOf(unknown), outcome: unknown.outcome }).toEqual({
        unknown: one.unknown,
        outcome: one.unknown === 'breaking' ? 'failed' : 'passed',
      });
      expect(unknown.usage.known).toBe(false);

      await report(registry, '{ other }', one);
      const unused = await check(registry, one);
      expect({ unused: worstOf(unused), outcome: unused.outcome }).toEqual({
        unused: one.unused,
        outcome: 'passed',
      });

      await report(registry, one.query, one);
      const used = await check(registry, one);
      expect({ used: worstOf(used), outcome: used.outcome }).toEqual({
        used: one.used,
        outcome: one.used === 'breaking' ? 'failed' : 'passed',
      });
      if (one.used === 'breaking' && used.operations.length === 0)
        expect(hitsOf(used)).toContainEqual(HIT(one));
    },
  );
});

const hitsOf = ({ changes }: CheckResult) =>
  changes.filter(({ verdict }: CheckedChange) => verdict === 'breaking').flatMap(({ hits }) => hits);

const HIT = ({ query }: SchemaChangeCase) => ({
  operation: createHash('sha256').update(query).digest('hex'),
  name: 'Named',
  client: { name: 'shop', version: '1.2' },
  count: 7,
});
