import { describeCursorStore } from '../../../test/support/cursorStoreContract.js';
import { ManualTimers } from '../../../test/support/manualTimers.js';
import { describeReal } from '../../../test/support/realParts.js';
import { type RedisServer, startRedis } from '../../../test/support/redis.js';
import { DeadlineExceededError } from './deadline.js';
import { openRedis, type Redis } from './openRedis.js';
import { createRedisCursorStore } from './redisCursorStore.js';

describeReal('redis', 'cursors in Redis', () => {
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

  const storeIn = (namespace: string) => createRedisCursorStore({ redis, namespace, deadlineMs: 10_000 });

  describeCursorStore('redis', async () => {
    namespaces += 1;
    return storeIn(`test-${namespaces}`);
  });

  it('are shared by all gateways of one namespace, and by no other', async () => {
    await storeIn('one').save('products', 'c1');
    expect(await storeIn('one').load('products')).toBe('c1');
    expect(await storeIn('two').load('products')).toBeUndefined();
  });

  it('fail at the deadline when Redis does not answer', async () => {
    const timers = new ManualTimers();
    const silent = { send: () => new Promise<unknown>(() => undefined) };
    const store = createRedisCursorStore({ redis: silent, deadlineMs: 100, timers });
    const loading = expect(store.load('products')).rejects.toThrow(DeadlineExceededError);
    const saving = expect(store.save('products', 'c1')).rejects.toThrow(DeadlineExceededError);
    await timers.advance(100);
    await Promise.all([loading, saving]);
  });
});
