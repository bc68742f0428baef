import { CircuitBreaker } from '../../../platform/circuitBreaker.js';
import { ManualTimers } from '../../../test/support/manualTimers.js';
import { describeRateLimitStore } from '../../../test/support/rateLimitStoreContract.js';
import { describeReal } from '../../../test/support/realParts.js';
import { type RedisServer, startRedis } from '../../../test/support/redis.js';
import { openRedis, type Redis } from '../../cache/redis/openRedis.js';
import { quotaOf } from '../gcra.js';
import { createMemoryRateLimitStore } from '../memoryRateLimitStore.js';
import { createRedisRateLimitStore } from './redisRateLimitStore.js';

const quota = quotaOf(10, 3_600);
const GENEROUS_MS = 10_000;

describeReal('redis', 'counts in Redis', () => {
  let server: RedisServer;
  let redis: Redis;
  let namespaces = 0;
  beforeAll(async () => {
    server = await startRedis();
    redis = openRedis({ urls: [server.url] });
    await redis.ready();
  });
  afterAll(async () => {
    await redis.close();
    await server[Symbol.asyncDispose]();
  });

  function storeIn(namespace: string) {
    const onLocal = jest.fn();
    const local = createMemoryRateLimitStore({ maxEntries: 1_000 });
    const store = createRedisRateLimitStore({ redis, namespace, local, deadlineMs: GENEROUS_MS, onLocal });
    return { store, onLocal };
  }

  describeRateLimitStore('redis', async () => {
    namespaces += 1;
    const namespace = `test-${namespaces}`;
    return {
      store: storeIn(namespace).store,
      // What is taken up of the time to come shrinks as time passes, and as the number does.
      async advance(key, durationMs) {
        const name = `${namespace}:rate:${key}`;
        await redis.send(name, ['DECRBY', name, String(durationMs * 1_000)]);
      },
    };
  });

  it('are one for all gateways of a namespace, and atomic', async () => {
    const stores = [storeIn('shared'), storeIn('shared')];
    const verdicts = await Promise.all(
      Array.from({ length: 60 }, async (_, index) => stores[index % 2]?.store.spend('a', quota)),
    );
    expect(verdicts.filter((verdict) => verdict?.isAdmitted)).toHaveLength(10);
    expect((await storeIn('other').store.spend('a', quota)).isAdmitted).toBe(true);
    for (const { onLocal } of stores) expect(onLocal).not.toHaveBeenCalled();
  });

  it('go by themselves once they say nothing any more', async () => {
    await storeIn('short').store.spend('a', quotaOf(1, 3_600));
    const name = 'short:rate:a';
    const lifetimeMs = Number(await redis.send(name, ['PTTL', name]));
    expect(lifetimeMs).toBeGreaterThan(3_000_000);
    expect(lifetimeMs).toBeLessThanOrEqual(3_600_000);
  });
});

describe('while Redis does not answer', () => {
  const timers = new ManualTimers();

  function stage(send: () => Promise<unknown>, isReady = true) {
    const redis = { send: jest.fn(send), isReady, reconnect: jest.fn(), close: jest.fn(async () => {}) };
    const breaker = new CircuitBreaker({ failures: 3, openMs: 500, now: () => timers.now() });
    const local = createMemoryRateLimitStore({ maxEntries: 1_000, now: () => timers.now() });
    const onLocal = jest.fn();
    const store = createRedisRateLimitStore({
      redis,
      namespace: 'hg',
      local,
      deadlineMs: 5,
      breaker,
      onLocal,
    });
    return { redis, store, onLocal };
  }

  it('this process counts, and refuses as well', async () => {
    const { store, redis, onLocal } = stage(async () => 'unused', false);
    const verdicts = await Promise.all(Array.from({ length: 12 }, async () => store.spend('a', quota)));
    expect(verdicts.filter(({ isAdmitted }) => isAdmitted)).toHaveLength(10);
    expect(onLocal).toHaveBeenCalledTimes(12);
    expect(redis.send).not.toHaveBeenCalled();
  });

  it('it is asked no more after three failures, on a new connection, until a trial succeeds', async () => {
    let answer: () => Promise<unknown> = () => new Promise(() => undefined);
    const { store, redis } = stage(() => answer());
    for (let index = 0; index < 5; index++) {
      expect((await store.spend('a', quota)).remaining).toBe(9 - index);
    }
    expect(redis.send).toHaveBeenCalledTimes(3);
    expect(redis.reconnect).toHaveBeenCalledTimes(1);
    answer = async () => [1, '0'];
    await timers.advance(500);
    expect((await store.spend('a', quota)).remaining).toBe(10);
  });
});
