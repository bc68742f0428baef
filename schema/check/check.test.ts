import { createHash } from 'node:crypto';
import {
  productsSchema,
  type RegistryTester,
  reviewsSchema,
  startTestRegistry,
  startTestWorker,
} from '../../test/support/registryTester.js';
import type { SchemaWorker } from '../work/schemaWorker.js';

let worker: SchemaWorker;
beforeAll(() => {
  worker = startTestWorker();
});
afterAll(() => worker.close());

describe('a check', () => {
  let now: Date;
  let registry: RegistryTester;
  beforeEach(async () => {
    now = new Date('2026-03-10T12:00:00Z');
    registry = await startTestRegistry({ worker, clock: () => now });
    await registry.publish({ name: 'products', schema: productsSchema('price: Int') });
  });
  afterEach(() => registry[Symbol.asyncDispose]());

  const check = async (schema: string, context = 'PR-1') =>
    (await registry.ask('products', '/v1/check', { subgraph: 'products', schema, context })).body;

  const report = (text: string, fields: string[], count: number, client = 'web') =>
    registry.ask('gateway', '/v1/usage', {
      supergraph: '0'.repeat(64),
      from: now.toISOString(),
      to: now.toISOString(),
      dropped: 0,
      operations: [
        {
          id: createHash('sha256').update(text).digest('hex'),
          name: 'Page',
          kind: 'query',
          text,
          client: { name: client, version: '1' },
          count,
          errors: 0,
          fields,
          arguments: [],
          inputFields: [],
          enumValues: [],
        },
      ],
    });

  it('names the operations and clients that would be hit, and how often', async () => {
    const text = 'query Page { product(id: 1) { price } }';
    await report(text, ['Query.product', 'Product.price'], 5);
    await report(text, ['Query.product', 'Product.price'], 7, 'ios');
    await report('{ product(id: 1) { name } }', ['Query.product', 'Product.name'], 100);
    const result = await check(productsSchema());
    expect(result).toMatchObject({ outcome: 'failed', against: 1, faults: [], operations: [] });
    const operation = createHash('sha256').update(text).digest('hex');
    expect(result.changes).toMatchObject([
      {
        verdict: 'breaking',
        path: 'Product.price',
        count: 12,
        hits: [
          { operation, name: 'Page', client: { name: 'ios', version: '1' }, count: 7 },
          { operation, name: 'Page', client: { name: 'web', version: '1' }, count: 5 },
        ],
      },
    ]);
  });

  it('does not count what was used longer ago than it looks back', async () => {
    await report('{ product(id: 1) { price } }', ['Query.product', 'Product.price'], 5);
    now = new Date('2026-03-30T12:00:00Z');
    await report('{ product(id: 1) { name } }', ['Query.product', 'Product.name'], 5);
    expect(await check(productsSchema())).toMatchObject({
      outcome: 'passed',
      changes: [{ verdict: 'unused' }],
    });
    const further = await registry.ask('products', '/v1/check', {
      subgraph: 'products',
      schema: productsSchema(),
      context: 'PR-1',
      days: 25,
    });
    expect(further.body).toMatchObject({ outcome: 'failed', usage: { days: 25 } });
  });

  it('changes nothing', async () => {
    await check(productsSchema('weight: Int'));
    const { body, headers } = await registry.ask('gateway', '/v1/supergraph');
    expect([headers.get('headgate-version'), body.includes('weight')]).toEqual(['1', false]);
    expect((await registry.ask('reader', '/v1/versions')).body.versions).toHaveLength(1);
  });

  it('says why a schema does not compose with the others', async () => {
    await registry.publish({ name: 'reviews', schema: reviewsSchema() });
    const result = await check(productsSchema('reviews: Int'));
    expect(result).toMatchObject({ outcome: 'failed', changes: [] });
    expect(result.faults[0]).toMatch(/^[A-Z_]+: .*reviews/);
  });

  it('says why a schema is none', async () => {
    const result = await check('type Query {');
    expect(result).toMatchObject({
      outcome: 'failed',
      faults: [expect.stringContaining('Syntax Error')],
      lint: [],
    });
  });

  it('tells only hints that are not there already', async () => {
    await registry.publish({ name: 'products', schema: productsSchema('"b" note: String @shareable') });
    await registry.publish({ name: 'reviews', schema: reviewsSchema('"a" note: String @shareable') });
    expect((await check(productsSchema('"b" note: String @shareable more: Int'))).hints).toEqual([]);
    expect((await check(productsSchema('"c" note: String @shareable'))).hints).toEqual([
      expect.stringMatching(/^INCONSISTENT_DESCRIPTION: .*\bc\b/s),
    ]);
  });

  it('lints the schema, and fails only for what is configured as an error', async () => {
    const lax = await check(productsSchema('price: Int Weight_kg: Int'));
    expect(lax.outcome).toBe('passed');
    expect(lax.lint).toContainEqual({
      rule: 'naming-convention',
      severity: 'warning',
      message: 'Field "Weight_kg" should be in camelCase format',
      line: expect.any(Number),
      column: expect.any(Number),
    });
    await using strict = await startTestRegistry({
      worker,
      config: { lint: { 'naming-convention': 'error', 'require-description': 'off' } },
    });
    const { body } = await strict.ask('products', '/v1/check', {
      subgraph: 'products',
      schema: productsSchema('Weight_kg: Int'),
      context: 'PR-1',
    });
    expect(body).toMatchObject({ outcome: 'failed', changes: [], lint: [{ severity: 'error' }] });
  });

  it('is kept, and stands in the audit log', async () => {
    const { id } = await check(productsSchema());
    expect((await registry.ask('reader', '/v1/checks')).body).toMatchObject([
      { id, subgraph: 'products', context: 'PR-1', by: 'team-products', outcome: 'failed' },
    ]);
    const [entry] = (await registry.ask('admin', '/v1/audit')).body;
    expect(entry).toMatchObject({ by: 'team-products', action: 'check', what: 'products in PR-1: failed' });
  });

  describe('that breaks, once approved,', () => {
    const approve = (change: string, more = {}) =>
      registry.ask('products', '/v1/approve', {
        subgraph: 'products',
        context: 'PR-1',
        change,
        reason: 'the app that uses it is gone',
        expiresInDays: 3,
        ...more,
      });
    const idOf = async () => (await check(productsSchema())).changes[0].id as string;

    it('passes in that context, also with more changes, and in no other', async () => {
      expect((await approve(await idOf())).status).toBe(200);
      const result = await check(productsSchema('more: Int'));
      expect(result.outcome).toBe('passed');
      expect(result.changes[0]).toMatchObject({
        verdict: 'approved',
        approval: {
          by: 'team-products',
          reason: 'the app that uses it is gone',
          expiresAt: '2026-03-13T12:00:00.000Z',
        },
      });
      expect((await check(productsSchema(), 'PR-2')).outcome).toBe('failed');
    });

    it('fails for another change', async () => {
      await approve(await idOf());
      expect((await check(productsSchema('price: String'))).outcome).toBe('failed');
    });

    it('fails again when the approval has run out', async () => {
      await approve(await idOf());
      now = new Date('2026-03-13T11:59:00Z');
      expect((await check(productsSchema())).outcome).toBe('passed');
      now = new Date('2026-03-13T12:01:00Z');
      expect((await check(productsSchema())).outcome).toBe('failed');
    });

    it('passes although operations no longer fit', async () => {
      await report('{ product(id: 1) { price } }', ['Query.product', 'Product.price'], 5);
      await approve(await idOf());
      expect(await check(productsSchema())).toMatchObject({ outcome: 'passed', operations: [] });
    });

    it('passes for an operation that no counter shows to be hit, when that operation is approved', async () => {
      // The argument stands in the operation, and its variable was never sent.
      const withArgument = productsSchema('sized(n: Int): Int');
      await registry.publish({ name: 'products', schema: withArgument });
      const text = 'query Q($n: Int) { product(id: 1) { sized(n: $n) } }';
      await report(text, ['Query.product', 'Product.sized'], 5);
      const failed = await check(productsSchema('sized: Int'));
      expect(failed).toMatchObject({ outcome: 'failed', changes: [{ verdict: 'unused' }] });
      expect(failed.operations).toMatchObject([{ name: 'Page', approved: false }]);
      await approve(failed.operations[0].change);
      expect(await check(productsSchema('sized: Int'))).toMatchObject({
        outcome: 'passed',
        operations: [{ approved: true }],
      });
    });

    it('fails for an operation that fits no more, also when it only notices another change', async () => {
      const schema = (values: string, sized: string) =>
        `${productsSchema(`${sized} state: State`)} enum State { ${values} }`;
      await registry.publish({ name: 'products', schema: schema('NEW', 'sized(n: Int): Int') });
      const text = 'query Q($n: Int) { product(id: 1) { state sized(n: $n) } }';
      await report(text, ['Query.product', 'Product.state', 'Product.sized'], 5);
      const result = await check(schema('NEW OLD', 'sized: Int'));
      expect(result.changes).toMatchObject([
        { verdict: 'unused', type: 'FIELD_ARGUMENT_REMOVED' },
        { verdict: 'dangerous', type: 'ENUM_VALUE_ADDED', hits: [{ name: 'Page' }] },
      ]);
      expect(result).toMatchObject({ outcome: 'failed', operations: [{ name: 'Page', approved: false }] });
    });

    it('needs a reason, an end, a known shape of id, and the owner', async () => {
      const id = await idOf();
      for (const wrong of [{ reason: ' ' }, { expiresInDays: 0 }, { expiresInDays: 9999 }, { change: 'x' }]) {
        expect((await approve(id, wrong)).status).toBe(400);
      }
      const foreign = await registry.ask('reviews', '/v1/approve', {
        subgraph: 'products',
        context: 'PR-1',
        change: id,
        reason: 'not mine',
        expiresInDays: 1,
      });
      expect(foreign.status).toBe(403);
      expect((await check(productsSchema())).outcome).toBe('failed');
    });
  });
});
