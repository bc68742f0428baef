import type { CacheExplanation } from '../../../gateway/cache/fetchExplanation.js';
import type { GraphQLAnswer } from '../../support/gatewayTester.js';
import { type PageGateway, startPageGateway } from '../../support/startPageGateway.js';

const PAGE = '{ product(id: "p1") { price } }';
const ASKS = { 'headgate-cache-explain': '1' };
const ALLOWED = { cache: { explain: true } };

function explanationIn({ extensions }: GraphQLAnswer): CacheExplanation {
  return extensions?.['cache'] as CacheExplanation;
}

async function explain(gateway: PageGateway, query: string, headers: Record<string, string> = {}) {
  return explanationIn(await gateway.query(query, undefined, { ...ASKS, ...headers }));
}

describe('a developer who asks how an answer came about', () => {
  it('is told nothing where the configuration does not allow it, and is answered as everybody', async () => {
    await using gateway = await startPageGateway();
    await gateway.query(PAGE);
    const { headers, extensions } = await gateway.query(PAGE, undefined, ASKS);
    expect(extensions).toBeUndefined();
    expect(headers.get('x-cache')).toBe('hit; tier=memory');
  });

  it('learns per fetch whether it was kept, where, under which tags, how old it is and how long it stays', async () => {
    await using gateway = await startPageGateway(ALLOWED);
    const tags = expect.arrayContaining(['subgraph:products', 'type:Product', 'Product:id=p1']);
    const first = await explain(gateway, PAGE);
    expect(first.fetches).toMatchObject([
      { subgraph: 'products', outcome: 'miss', records: [{ key: expect.stringMatching(/^f:/), tags }] },
    ]);
    const second = await explain(gateway, PAGE);
    expect(second.fetches).toMatchObject([
      { subgraph: 'products', outcome: 'hit', records: [{ tier: 'memory', tags }] },
    ]);
    const [record] = second.fetches[0]?.records ?? [];
    expect(record?.key).toBe(first.fetches[0]?.records[0]?.key);
    expect(record?.ageMs).toBeGreaterThanOrEqual(0);
    expect(record?.remainingTtlMs).toBeGreaterThan(50_000 * 0.9);
    expect(record?.remainingTtlMs).toBeLessThanOrEqual(60_000);
    expect(gateway.asked('products')).toBe(1);
  });

  it('learns what the response as a whole would have been answered with', async () => {
    await using gateway = await startPageGateway(ALLOWED);
    expect((await explain(gateway, PAGE)).response).toMatchObject({ outcome: 'miss' });
    await gateway.query(PAGE);
    expect((await explain(gateway, PAGE)).response).toMatchObject({
      outcome: 'hit',
      tier: 'memory',
      key: expect.stringMatching(/^r:/),
      tags: expect.arrayContaining(['Product:id=p1']),
    });
  });

  it('learns what purged it last', async () => {
    await using gateway = await startPageGateway(ALLOWED);
    await gateway.query(PAGE);
    expect((await explain(gateway, PAGE)).response.lastPurge).toBeUndefined();
    await gateway.query('mutation { setPrice(id: "p1", price: 99) { id } }');
    const purge = { tag: 'Product:id=p1', by: 'mutation', at: expect.any(Number) };
    const { response, fetches } = await explain(gateway, PAGE);
    expect(response).toMatchObject({ outcome: 'miss', lastPurge: purge });
    expect(fetches).toMatchObject([{ outcome: 'miss', records: [{ lastPurge: purge }] }]);
  });

  it('learns which part keeps the response from being kept, and why', async () => {
    await using gateway = await startPageGateway(ALLOWED);
    const { uncacheable, fetches } = await explain(gateway, '{ product(id: "p1") { price } visit }');
    expect(uncacheable).toEqual([
      { subgraph: 'visits', reason: 'the subgraph said private, and there is no identity to keep it for' },
    ]);
    expect(fetches.map(({ subgraph }) => subgraph).sort()).toEqual(['products', 'visits']);
  });

  it('learns that the subgraph named no time for which its answer is fresh', async () => {
    await using gateway = await startPageGateway(ALLOWED);
    gateway.productsCacheControl = undefined;
    expect((await explain(gateway, PAGE)).uncacheable).toEqual([
      { subgraph: 'products', reason: 'the subgraph named no time for which it is fresh' },
    ]);
  });

  it('learns that no-cache passes by what is kept', async () => {
    await using gateway = await startPageGateway(ALLOWED);
    await gateway.query(PAGE);
    const { fetches } = await explain(gateway, PAGE, { 'cache-control': 'no-cache' });
    expect(fetches).toMatchObject([{ outcome: 'bypass' }]);
    expect(gateway.asked('products')).toBe(2);
  });

  it('sees the entities of a fetch one by one', async () => {
    await using gateway = await startPageGateway(ALLOWED);
    const { fetches } = await explain(gateway, '{ me { favourite { price } } }', { 'x-user': 'alice' });
    expect(fetches).toMatchObject([
      { subgraph: 'accounts', outcome: 'miss', records: [{ key: expect.stringMatching(/^f:/) }] },
      { subgraph: 'products', outcome: 'miss', records: [{ key: expect.stringMatching(/^e:/) }] },
    ]);
    const again = await explain(gateway, '{ me { favourite { price } } }', { 'x-user': 'bob' });
    expect(again.fetches).toMatchObject([
      { subgraph: 'accounts', outcome: 'miss' },
      { subgraph: 'products', outcome: 'hit' },
    ]);
    expect(again.fetches[0]?.records[0]?.key).not.toBe(fetches[0]?.records[0]?.key);
  });

  it('gets an explanation that is kept for nobody, themselves included', async () => {
    await using gateway = await startPageGateway(ALLOWED);
    const explained = await gateway.query(PAGE, undefined, ASKS);
    expect(explained.headers.get('cache-control')).toBe('no-store');
    for (let time = 0; time < 2; time++) {
      const { extensions, data } = await gateway.query(PAGE);
      expect(extensions).toBeUndefined();
      expect(data).toEqual({ product: { price: 10 } });
    }
  });

  it('is told of an answer that went wrong as well', async () => {
    await using gateway = await startPageGateway(ALLOWED);
    gateway.broken.add('p1');
    const answer = await gateway.query(PAGE, undefined, ASKS);
    expect(answer.errors).toHaveLength(1);
    expect(explanationIn(answer).uncacheable.map(({ subgraph }) => subgraph)).toContain('products');
  });
});
