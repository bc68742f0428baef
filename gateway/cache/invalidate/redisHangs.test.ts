import { silentLogger } from '../../../platform/logger.js';
import { describeReal } from '../../../test/support/realParts.js';
import { type RedisServer, startRedis } from '../../../test/support/redis.js';
import { until } from '../../../test/support/until.js';
import type { SubgraphRequest, SubgraphResponse } from '../../execution/types.js';
import type { CacheRecord } from '../cacheTier.js';
import { MemoryStore } from '../memoryStore.js';
import { openRedis } from '../redis/openRedis.js';
import { createRedisTier } from '../redis/redisTier.js';
import { TieredCache, type TieredToken } from '../tieredCache.js';
import { createInvalidator, type Invalidator } from './invalidator.js';
import { invalidateAfterMutations } from './mutationInvalidation.js';

const TAG = 'Product:id=p1';
const MUTATION: SubgraphRequest = {
  subgraph: 'products',
  query: 'mutation{rename{id}}',
  operationName: undefined,
  operationKind: 'mutation',
  variables: undefined,
  fetchId: 0,
  signal: undefined,
};
const ANSWER: SubgraphResponse = { data: {}, extensions: { headgate: { tags: [TAG] } } };

interface Gateway {
  readonly cache: TieredCache;
  readonly invalidator: Invalidator;
  mutate(): Promise<SubgraphResponse>;
  close(): Promise<void>;
}

const PATIENT = { readDeadlineMs: 10_000, writeDeadlineMs: 10_000 };

async function openGateway(url: string): Promise<Gateway> {
  const redis = openRedis({ urls: [url], connectTimeoutMs: 500 });
  await redis.ready();
  const cache = new TieredCache({
    memory: new MemoryStore({ maxBytes: 10_000_000 }),
    // A busy machine must not look like a slow Redis where it is read.
    remote: createRedisTier({ redis, ...PATIENT, invalidateDeadlineMs: 100 }),
    settleBackoff: { minMs: 10, maxMs: 50 },
  });
  const invalidator = createInvalidator({
    origin: url,
    targets: [
      {
        scope: 'process',
        name: 'memory',
        invalidate: (invalidation) => void cache.invalidateMemory(invalidation),
      },
      {
        scope: 'shared',
        name: 'redis',
        invalidate: async (invalidation) =>
          (await cache.invalidate(invalidation)).remote === 'owed' ? 'bypassed' : 'purged',
        settled: async () => {
          if (!(await cache.settle())) throw new Error('not yet');
        },
      },
    ],
    sourcesWithoutFeed: () => [],
    logger: silentLogger(),
  });
  const fetch = invalidateAfterMutations<undefined>({
    fetch: async () => ANSWER,
    apply: (invalidation) => invalidator.apply(invalidation),
    noteWrite: () => undefined,
    logger: silentLogger(),
  });
  return { cache, invalidator, mutate: () => fetch(MUTATION, undefined), close: () => cache.close() };
}

function record(body: string): CacheRecord {
  const end = Date.now() + 60_000;
  return {
    ...{ body, tags: [TAG, 'subgraph:products'], scope: 'public', createdAt: Date.now() },
    ...{ freshUntil: end, staleUntil: end, errorUntil: end },
  };
}

async function store({ cache }: Gateway, body: string): Promise<void> {
  const [token] = await cache.begin(['k']);
  const { remote } = cache.write([{ key: 'k', record: record(body), token: token as TieredToken }]);
  expect(await remote).toEqual([true]);
}

const bodyIn = async ({ cache }: Gateway) => (await cache.read(['k']))[0]?.hit?.body;

describeReal('redis', 'a mutation while Redis hangs', () => {
  let server: RedisServer;
  const gateways: Gateway[] = [];
  beforeEach(async () => {
    server = await startRedis();
    gateways.push(await openGateway(server.url), await openGateway(server.url));
  });
  afterEach(async () => {
    await Promise.all(gateways.splice(0).map((gateway) => gateway.close()));
    await server[Symbol.asyncDispose]();
  });

  it('is answered, the old value is gone here, and gone from Redis before Redis is used again', async () => {
    const [here, there] = gateways as [Gateway, Gateway];
    await store(here, 'old');
    expect(await bodyIn(there)).toBe('old');
    server.signal('SIGSTOP');
    const startedAt = performance.now();
    expect(await here.mutate()).toBe(ANSWER);
    // The purge has 100 ms; the rest is for a machine that is busy.
    expect(performance.now() - startedAt).toBeLessThan(20_000);
    expect(await bodyIn(here)).toBeUndefined();
    await expect(here.invalidator.settled()).rejects.toThrow('not yet');
    server.signal('SIGCONT');
    await until('Redis has been told', () =>
      here.invalidator.settled().then(
        () => true,
        () => false,
      ),
    );
    there.cache.memory.clear();
    expect(await bodyIn(there)).toBeUndefined();
    expect(await bodyIn(here)).toBeUndefined();
  });

  it('is answered when Redis is gone for good', async () => {
    const [here] = gateways as [Gateway];
    await store(here, 'old');
    server.signal('SIGKILL');
    expect(await here.mutate()).toBe(ANSWER);
    expect(await bodyIn(here)).toBeUndefined();
  });
});
