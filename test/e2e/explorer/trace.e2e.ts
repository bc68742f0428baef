import { createHash } from 'node:crypto';
import type { CacheExplanation } from '../../../gateway/cache/fetchExplanation.js';
import type { PlanDescription, TraceReport } from '../../../gateway/trace/traceReport.js';
import { type GatewayTester, startGatewayTester } from '../../support/gatewayTester.js';
import { planShop } from '../../support/planShop.js';

interface Extensions {
  readonly plan: PlanDescription;
  readonly trace: TraceReport;
  readonly cache: CacheExplanation;
}

const QUERY = '{ products { id name stock } }';
const TRACE = { 'headgate-trace': '1' };

async function traced(tester: GatewayTester, query = QUERY, headers: Record<string, string> = TRACE) {
  const answer = await tester.query(query, undefined, headers);
  return { ...answer, extensions: answer.extensions as unknown as Extensions };
}

describe('a trace', () => {
  it('shows the plan: what is asked where, in which order, and for which entities', async () => {
    await using tester = await startGatewayTester(planShop({ explorer: { trace: true } }));
    const { extensions } = await traced(tester);
    expect(extensions.plan).toEqual({
      kind: 'sequence',
      steps: [
        {
          kind: 'fetch',
          fetchId: 0,
          subgraph: 'products',
          operationKind: 'query',
          path: '',
          entityTypes: [],
          fields: ['Query.products'],
          query: '{products{__typename id name}}',
        },
        {
          kind: 'fetch',
          fetchId: 1,
          subgraph: 'inventory',
          operationKind: 'query',
          path: 'products[]',
          entityTypes: ['Product'],
          fields: ['Product.stock'],
          query: expect.stringContaining('_entities'),
        },
      ],
    });
    expect(extensions.trace.operation).toEqual({
      id: createHash('sha256').update(QUERY).digest('hex'),
      kind: 'query',
    });
    expect(extensions.trace.limits).toContainEqual({
      name: 'cost',
      used: expect.any(Number),
      limit: 1_000_000,
    });
    expect(extensions.trace.limits).toContainEqual({ name: 'depth', used: 2, limit: 30 });
    expect(extensions.trace.limits).toContainEqual({ name: 'fields', used: 4, limit: 5000 });
  });

  it('shows each fetch of this run: when, how much, and what the cache saved', async () => {
    await using tester = await startGatewayTester(planShop({ explorer: { trace: true } }));
    const { trace, cache } = (await traced(tester)).extensions;
    expect(trace.fetches).toMatchObject([
      { fetchId: 0, subgraph: 'products', requests: [{ status: 200, cacheControl: 'max-age=60' }] },
      {
        fetchId: 1,
        subgraph: 'inventory',
        representations: 3,
        saved: 0,
        requests: [{ status: 200, representations: 3, cacheControl: 'max-age=5' }],
      },
    ]);
    for (const fetch of trace.fetches) {
      const [request] = fetch.requests;
      expect(request?.bytes).toBeGreaterThan(10);
      expect(request?.startMs).toBeGreaterThanOrEqual(fetch.startMs);
      expect(request?.endMs).toBeLessThanOrEqual(fetch.endMs);
      expect(fetch.endMs).toBeLessThanOrEqual(trace.durationMs);
      expect(cache.fetches[fetch.explanation ?? -1]).toMatchObject({
        fetchId: fetch.fetchId,
        outcome: 'miss',
      });
    }
    expect(trace.fetches[1]?.startMs).toBeGreaterThanOrEqual(trace.fetches[0]?.endMs ?? Number.NaN);

    const again = (await traced(tester)).extensions;
    expect(again.trace.fetches).toMatchObject([
      { fetchId: 0, requests: [] },
      { fetchId: 1, representations: 3, saved: 3, requests: [] },
    ]);
    expect(again.cache.fetches.map(({ outcome }) => outcome)).toEqual(['hit', 'hit']);
    expect(tester.subgraph('inventory').received).toHaveLength(1);
  });

  it('names the field that makes the response short-lived, and the hint', async () => {
    await using tester = await startGatewayTester(planShop({ explorer: { trace: true } }));
    const { trace } = (await traced(tester)).extensions;
    expect(trace.freshness).toEqual([
      {
        kind: 'shortest',
        subgraph: 'inventory',
        fetchId: 1,
        fields: ['Product.stock'],
        words: expect.stringMatching(
          /^runs out first, [45][.\d]* s after this answer, since the subgraph said Cache-Control: max-age=5$/,
        ),
      },
    ]);
  });

  it('names the field that makes the response uncacheable, and the hint', async () => {
    const shop = planShop({ explorer: { trace: true } }, { inventory: 'no-store' });
    await using tester = await startGatewayTester(shop);
    const { trace } = (await traced(tester)).extensions;
    expect(trace.freshness).toEqual([
      {
        kind: 'uncacheable',
        subgraph: 'inventory',
        fetchId: 1,
        fields: ['Product.stock'],
        words: 'the subgraph said no-store or no-cache (Cache-Control: no-store)',
      },
    ]);
  });

  it('says of a mutation that it is one', async () => {
    await using tester = await startGatewayTester(planShop({ explorer: { trace: true } }));
    const { trace } = (await traced(tester, 'mutation Rename { rename(id: "1", name: "x") { name } }'))
      .extensions;
    expect(trace.operation).toMatchObject({ kind: 'mutation', name: 'Rename' });
    expect(trace.fetches).toMatchObject([{ subgraph: 'products', requests: [{ status: 200 }] }]);
    expect(trace.freshness).toContainEqual({
      kind: 'uncacheable',
      subgraph: 'gateway',
      fields: [],
      words: 'it is a mutation',
    });
  });

  it('reports the whole response as the cache has it, and leaves it as it is', async () => {
    await using tester = await startGatewayTester(planShop({ explorer: { trace: true } }));
    const before = await traced(tester);
    expect(before.extensions.cache.response.outcome).toBe('miss');
    expect(before.headers.get('x-cache')).toBe('miss');
    expect((await tester.query(QUERY)).headers.get('x-cache')).toBe('miss; stored');
    expect((await traced(tester)).extensions.cache.response.outcome).toBe('hit');
    const plain = await tester.query(QUERY);
    expect(plain.headers.get('x-cache')).toBe('hit; tier=memory');
    expect(plain.extensions).toBeUndefined();
  });
});

describe('nothing of a trace is shown', () => {
  const keys = async (tester: GatewayTester, headers: Record<string, string>) =>
    Object.keys((await tester.query(QUERY, undefined, headers)).extensions ?? {});

  it('where the configuration does not allow it', async () => {
    await using tester = await startGatewayTester(planShop({}));
    expect(await keys(tester, TRACE)).toEqual([]);
  });

  it('to who does not ask', async () => {
    await using tester = await startGatewayTester(planShop({ explorer: { trace: true } }));
    expect(await keys(tester, {})).toEqual([]);
  });

  it('to who has not the token, where there is one', async () => {
    const token = 'a-token-for-the-explorer';
    await using tester = await startGatewayTester(planShop({ explorer: { trace: true, token } }));
    expect(await keys(tester, TRACE)).toEqual([]);
    expect(await keys(tester, { ...TRACE, 'headgate-explorer-token': 'another-token-of-it' })).toEqual([]);
    expect(await keys(tester, { ...TRACE, 'headgate-explorer-token': token })).toEqual([
      'cache',
      'plan',
      'trace',
    ]);
  });
});
