import { silentLogger } from '../../../platform/logger.js';
import { describeReal } from '../../../test/support/realParts.js';
import { startRedis } from '../../../test/support/redis.js';
import { startTestFeed } from '../../../test/support/testFeed.js';
import { until } from '../../../test/support/until.js';
import { createInvalidator } from '../invalidate/invalidator.js';
import { subgraphTag } from '../invalidation.js';
import { MemoryStore } from '../memoryStore.js';
import { BucketKeys } from '../redis/bucketKeys.js';
import { openRedis, type Redis } from '../redis/openRedis.js';
import { createRedisCursorStore } from '../redis/redisCursorStore.js';
import { createRedisTier } from '../redis/redisTier.js';
import { TieredCache, type TieredToken } from '../tieredCache.js';
import { createFeeds } from './feeds.js';

const NAMES = new BucketKeys('hg', 1);
const CURSOR = '{hg:00}:cursor:products';

function openGateway(url: string) {
  const redis = openRedis({ urls: [url] });
  const cache = new TieredCache({
    memory: new MemoryStore({ maxBytes: 10_000_000 }),
    remote: createRedisTier({ redis, readDeadlineMs: 10_000, writeDeadlineMs: 10_000 }),
    mayUseRemote: (subgraph) => feeds.mayUseShared(subgraph),
  });
  const invalidator = createInvalidator({
    origin: 'here',
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
  const feeds = createFeeds({
    cursorStore: createRedisCursorStore({ redis }),
    saveEveryMs: 0,
    backoff: { minMs: 1, maxMs: 20 },
    onInvalidation: (invalidation) => invalidator.apply(invalidation),
    onEpoch: (source, { scope, operationTime }) =>
      invalidator.apply({ source, tags: [subgraphTag(source)], operationTime, by: 'feed' }, scope),
    settled: () => invalidator.settled(),
    logger: silentLogger(),
  });
  const stop = redis.onReady(() => void feeds.replay());
  return {
    redis,
    cache,
    feeds,
    async [Symbol.asyncDispose]() {
      stop();
      await feeds.close();
      await cache.close();
    },
  };
}

/** Makes Redis what it was before, and drops all connections, as a start from an older snapshot does. */
async function restore(
  admin: Redis,
  past: { record: string; guard: string[]; cursor: string },
): Promise<void> {
  const send = (...args: string[]) => admin.send('k', args);
  await Promise.all([
    send('MULTI'),
    send('FLUSHALL'),
    send('SET', NAMES.record(0, 'k'), past.record),
    send('HSET', NAMES.guard(0), ...past.guard),
    send('SET', CURSOR, past.cursor),
    send('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes'),
    send('EXEC'),
  ]);
}

describeReal('redis', 'a Redis that comes back as it was before', () => {
  it('serves nothing that was purged since, although it has forgotten the purge', async () => {
    await using server = await startRedis();
    await using source = await startTestFeed();
    const admin = openRedis({ urls: [server.url] });
    await admin.ready();
    await using gateway = openGateway(server.url);
    const { cache, feeds } = gateway;
    await gateway.redis.ready();
    await feeds.follow([{ subgraph: 'products', url: source.url, token: undefined }]);
    await until('Redis is in use', () => feeds.mayUseShared('products'));
    await until('the cursor is saved', async () => (await admin.send('k', ['GET', CURSOR])) === 'c0');

    const [token] = await cache.begin(['k']);
    const end = Date.now() + 60_000;
    const times = { createdAt: Date.now(), freshUntil: end, staleUntil: end, errorUntil: end };
    const record = {
      body: 'old',
      tags: ['Product:id=p1', 'subgraph:products'],
      scope: 'public' as const,
      ...times,
    };
    expect(await cache.write([{ key: 'k', record, token: token as TieredToken }]).remote).toEqual([true]);
    const past = {
      record: (await admin.send('k', ['GET', NAMES.record(0, 'k')])) as string,
      guard: (await admin.send('k', ['HGETALL', NAMES.guard(0)])) as string[],
      cursor: 'c0',
    };
    const read = async () => (await cache.read(['k']))[0]?.hit?.body;
    cache.memory.clear();
    expect(await read()).toBe('old');

    source.push('Product:id=p1');
    await until('the purge is saved', async () => (await admin.send('k', ['GET', CURSOR])) === 'c1');
    expect(await read()).toBeUndefined();

    await restore(admin, past);
    const bodies = new Set<string | undefined>();
    await until('the purge was repeated', async () => {
      bodies.add(await read());
      if (!source.subscriptions.includes('c0')) return false;
      // Only now: without the news that Redis is back, it would be found out at the next heartbeat, too late.
      source.heartbeat();
      return feeds.mayUseShared('products');
    });
    bodies.add(await read());
    expect([...bodies]).toEqual([undefined]);
    await until('the cursor is saved again', async () => (await admin.send('k', ['GET', CURSOR])) === 'c1');
    await admin.close();
  });
});
