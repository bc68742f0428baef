import { composeSupergraph } from '../../../schema/composeSupergraph.js';
import { type FakeRegistry, startFakeRegistry, type UsageOperation } from '../../support/fakeRegistry.js';
import {
  startTestSubgraph,
  type TestSubgraph,
  type TestSubgraphContext,
} from '../../support/testSubgraph.js';
import { until } from '../../support/until.js';
import { startRegistryGateway, temporaryCacheFile } from './registryGateway.js';

const usage = { intervalMs: 100 };
const asWeb = { 'apollographql-client-name': 'web', 'apollographql-client-version': '1.2' };

describe('what a gateway tells the registry of usage', () => {
  let products: TestSubgraph;
  let registry: FakeRegistry;
  let kept: Awaited<ReturnType<typeof temporaryCacheFile>>;
  beforeEach(async () => {
    products = await startTestSubgraph({
      name: 'products',
      typeDefs: 'type Query { product(id: ID): Product broken: String } type Product { id: ID name: String }',
      resolvers: {
        Query: {
          product(_: unknown, { id }: { id: string }, context: TestSubgraphContext) {
            context.setHeader('cache-control', 'max-age=60');
            return { id, name: 'Kettle' };
          },
          broken: () => Promise.reject(new Error('broken')),
        },
      },
    });
    registry = await startFakeRegistry(composeSupergraph([products]).supergraphSdl);
    kept = await temporaryCacheFile();
  });
  afterEach(async () => {
    await registry[Symbol.asyncDispose]();
    await products.close();
    await kept[Symbol.asyncDispose]();
  });

  const reported = (): UsageOperation[] => registry.usage.flatMap(({ operations }) => operations);
  const countOf = (test: (operation: UsageOperation) => boolean) =>
    reported()
      .filter(test)
      .reduce((sum, { count }) => sum + count, 0);

  it('are operations by client, hits of the cache among them', async () => {
    await using gateway = await startRegistryGateway(registry, kept.file, { registry: { usage } });
    const query = 'query Kettle { product(id: "7") { name } }';
    for (let i = 0; i < 3; i++) await gateway.query(query, asWeb);
    await gateway.query(query, { 'graphql-client-name': 'phone' });
    await gateway.query(query);
    await until('all are reported', () => countOf(() => true) === 5);
    // The others were hits: the subgraph heard of one.
    expect(products.received).toHaveLength(1);
    expect(countOf(({ client }) => client.name === 'web' && client.version === '1.2')).toBe(3);
    expect(countOf(({ client }) => client.name === 'phone')).toBe(1);
    expect(reported()[0]).toMatchObject({
      name: 'Kettle',
      kind: 'query',
      text: expect.stringContaining('product(id: "")'),
      fields: ['Product.name', 'Query.product'],
      arguments: ['Query.product.id'],
    });
    expect(new Set(reported().map(({ id }) => id)).size).toBe(1);
    expect(registry.usage[0]?.supergraph).toMatch(/^[0-9a-f]{64}$/);
  });

  it('are errors, and not what was refused before it was an operation', async () => {
    await using gateway = await startRegistryGateway(registry, kept.file, { registry: { usage } });
    await gateway.query('{ gone }');
    await gateway.query('{');
    await gateway.query('{ broken }');
    await until('one is reported', () => reported().length > 0);
    expect(reported()).toMatchObject([{ fields: ['Query.broken'], count: 1, errors: 1 }]);
  });

  it('are hits of answers that another gateway left in memory of nobody here: read off the path, by their request', async () => {
    await using gateway = await startRegistryGateway(registry, kept.file, { registry: { usage } });
    const get = `/graphql?query=${encodeURIComponent('query ($id: ID) { product(id: $id) { id } }')}&variables=${encodeURIComponent('{"id":"1"}')}`;
    const ask = () =>
      fetch(gateway.url + get, { headers: { 'apollo-require-preflight': '1', ...asWeb } }).then((answer) =>
        answer.json(),
      );
    const answers = await Promise.all([ask(), ask(), ask(), ask()]);
    expect(answers).toEqual(Array(4).fill({ data: { product: { id: '1' } } }));
    // One was executed; the others joined it, or were hits before anybody had looked at it.
    await until('all are reported', () => countOf(({ client }) => client.name === 'web') === 4);
    expect(products.received).toHaveLength(1);
    expect(new Set(reported().map(({ arguments: sent }) => sent.join()))).toEqual(
      new Set(['Query.product.id']),
    );
  });

  it('is lost while the registry does not listen, and no request with it', async () => {
    registry.usageStatus = 503;
    await using gateway = await startRegistryGateway(registry, kept.file, { registry: { usage } });
    expect(await gateway.query('{ product { name } }')).toEqual({ data: { product: { name: 'Kettle' } } });
    await until('it is given up', async () =>
      (await gateway.metrics()).includes('headgate_usage_lost_total 1'),
    );
    registry.usageStatus = 204;
    await gateway.query('{ product { name } }');
    await until('it is reported again', () => reported().length > 0);
    expect(registry.usage[0]?.dropped).toBe(1);
    expect(registry.usage[0]?.operations[0]?.count).toBe(1);
  });

  it('is nothing where that is switched off', async () => {
    const off = { registry: { usage: { ...usage, enabled: false } } };
    const gateway = await startRegistryGateway(registry, kept.file, off);
    await gateway.query('{ product { name } }');
    await gateway[Symbol.asyncDispose]();
    expect(registry.usage).toEqual([]);
  });

  it('is told at the end as well', async () => {
    const gateway = await startRegistryGateway(registry, kept.file);
    await gateway.query('{ product { name } }');
    await gateway[Symbol.asyncDispose]();
    expect(countOf(() => true)).toBe(1);
  });
});
