import { CircuitBreaker } from '../../../platform/circuitBreaker.js';
import { recordFor } from '../../../test/support/cacheTierContract.js';
import { describeReal } from '../../../test/support/realParts.js';
import { startRedis } from '../../../test/support/redis.js';
import { startRedisCluster } from '../../../test/support/redisCluster.js';
import { until } from '../../../test/support/until.js';
import type { CacheRecord } from '../cacheTier.js';
import { MemoryStore } from '../memoryStore.js';
import { TieredCache, type TieredToken } from '../tieredCache.js';
import { openRedis } from './openRedis.js';
import { createRedisTier } from './redisTier.js';

async function openGateway(urls: readonly [string, ...string[]], deadlineMs: number) {
  const redis = openRedis({ urls, connectTimeoutMs: 1_000 });
  await redis.ready();
  const tier = createRedisTier({
    redis,
    readDeadlineMs: deadlineMs,
    writeDeadlineMs: deadlineMs,
    invalidateDeadlineMs: deadlineMs,
    breaker: new CircuitBreaker({ openMs: 20, maxOpenMs: 50 }),
  });
  const memory = new MemoryStore({ maxBytes: 1_000_000 });
  return new TieredCache({ memory, remote: tier, settleBackoff: { minMs: 10, maxMs: 50 } });
}

async function load(cache: TieredCache, key: string, record: CacheRecord): Promise<boolean> {
  const [token] = await cache.begin([key]);
  return (await cache.write([{ key, record, token: token as TieredToken }]).remote)[0] === true;
}

async function bodyOf(cache: TieredCache, key: string): Promise<string | undefined> {
  return (await cache.read([key]))[0]?.hit?.body;
}

describeReal('redis', 'two gateways on one Redis', () => {
  it('do not serve from it what one could not purge while it stood still', async () => {
    await using server = await startRedis();
    const [first, second] = await Promise.all([
      openGateway([server.url], 300),
      openGateway([server.url], 300),
    ]);
    await until('the old value is in Redis', () => load(second, 'a', recordFor(['x'], { body: 'old' })));
    server.signal('SIGSTOP');
    expect((await first.invalidate({ tags: ['x'], by: 'mutation' })).remote).toBe('owed');
    expect(await bodyOf(first, 'a')).toBeUndefined();
    server.signal('SIGCONT');
    await until('the purge is settled', () => first.owedTags === 0);
    second.memory.clear();
    expect(await bodyOf(second, 'a')).toBeUndefined();
    expect(await bodyOf(first, 'a')).toBeUndefined();
    await until('Redis is used again', () => load(first, 'a', recordFor(['x'], { body: 'new' })));
    await until('the other has it', async () => (await bodyOf(second, 'a')) === 'new');
    await Promise.all([first.close(), second.close()]);
  });

  it('do not bring an old value back over all slots of a cluster, whoever loads and purges', async () => {
    await using cluster = await startRedisCluster();
    const gateways = await Promise.all([
      openGateway(cluster.urls, 10_000),
      openGateway(cluster.urls, 10_000),
    ]);
    const [first, second] = gateways as [TieredCache, TieredCache];
    const keys = Array.from({ length: 60 }, (_, index) => `key ${index}`);
    const tokens = await second.begin(keys);
    await first.invalidate({ tags: ['even'], by: 'mutation' });
    const fills = keys.map((key, index) => ({
      key,
      record: recordFor([index % 2 === 0 ? 'even' : 'odd'], { body: 'old' }),
      token: tokens[index] as TieredToken,
    }));
    const stored = await second.write(fills).remote;
    expect(stored).toEqual(keys.map((_, index) => index % 2 === 1));
    const reads = await first.read(keys);
    expect(reads.map(({ hit }) => hit !== undefined)).toEqual(stored);
    expect(await first.count(['odd', 'even'])).toEqual({ memory: 30, remote: 30 });
    await second.invalidate({ tags: ['odd'], by: 'mutation' });
    expect(await first.count(['odd', 'even'])).toEqual({ memory: 30, remote: 0 });
    await Promise.all(gateways.map((gateway) => gateway.close()));
  });
});
