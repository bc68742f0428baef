import { startCuttableProxy } from '../../support/cuttableProxy.js';
import { describeReal } from '../../support/realParts.js';
import { type RedisServer, startRedis } from '../../support/redis.js';
import { type CachedShop, type ShopGateway, startCachedShop } from '../../support/startCachedShop.js';
import { until } from '../../support/until.js';
import { BY_ID, createProduct, readVersion, SHOP_READS, update, versionsNow, warm } from './shopReads.js';

describeReal('redis', 'F6: Redis down is a slower day, not an outage', () => {
  let shop: CachedShop;
  beforeAll(async () => {
    shop = await startCachedShop();
  });
  afterAll(() => shop?.[Symbol.asyncDispose]());

  const breaker = (gateway: ShopGateway, state: string) =>
    gateway.metric('headgate_cache_breaker_state', { state });
  const stored = (gateway: ShopGateway) =>
    gateway.metric('headgate_cache_tier_fills_total', { tier: 'redis', outcome: 'stored' });

  const FAULTS: readonly [string, (redis: RedisServer) => void | Promise<void>][] = [
    ['died', (redis) => redis[Symbol.asyncDispose]()],
    ['hangs: it accepts, and never answers', (redis) => redis.signal('SIGSTOP')],
  ];

  it.each(FAULTS)('with a Redis that %s, reads and writes go on from memory', async (_fault, bringAbout) => {
    await using redis = await startRedis();
    await using gateway = await shop.openGateway({ redisUrl: redis.url });
    const product = await createProduct(gateway);
    await bringAbout(redis);
    await until('the breaker is open', async () => {
      await readVersion(gateway, BY_ID, product);
      await update(gateway, product, 1);
      return (await breaker(gateway, 'open')) === 1;
    });
    await update(gateway, product, 2);
    for (const read of SHOP_READS) {
      await warm(gateway, read, product);
      expect(await versionsNow(gateway, read, product)).toEqual({ fetches: 2, response: 2 });
    }
  });

  it('a gateway starts while Redis cannot be reached, and uses it once it can', async () => {
    await using redis = await startRedis();
    await using toRedis = await startCuttableProxy(redis.port);
    toRedis.cut();
    await using gateway = await shop.openGateway({ redisUrl: `redis://127.0.0.1:${toRedis.port}` });
    const product = await createProduct(gateway);
    expect((await readVersion(gateway, BY_ID, product)).version).toBe(1);
    expect(await stored(gateway)).toBe(0);
    toRedis.restore();
    await using other = await shop.openGateway({ redisUrl: redis.url });
    await until('it stores what it loads', async () => {
      await readVersion(gateway, BY_ID, await createProduct(other));
      return (await stored(gateway)) > 0;
    });
    await update(other, product, 2);
    await until('it hears of the write of the other', async () => {
      return (await readVersion(gateway, BY_ID, product)).version === 2;
    });
  });

  it('what was written while Redis could not be told is purged from it before it is read again', async () => {
    await using redis = await startRedis();
    await using toRedis = await startCuttableProxy(redis.port);
    await using gateway = await shop.openGateway({ redisUrl: `redis://127.0.0.1:${toRedis.port}` });
    const product = await createProduct(gateway);
    await until('Redis has every read', async () => {
      for (const read of SHOP_READS) await readVersion(gateway, read, product);
      await using reader = await shop.openGateway({ redisUrl: redis.url });
      const asked = reader.asked();
      for (const read of SHOP_READS) await readVersion(reader, read, product);
      return reader.asked() === asked;
    });
    toRedis.cut();
    await update(gateway, product, 2);
    for (const read of SHOP_READS)
      expect(await versionsNow(gateway, read, product)).toEqual({ fetches: 2, response: 2 });
    toRedis.restore();
    await until('Redis has been told', async () => {
      await readVersion(gateway, BY_ID, product);
      const owed = await gateway.metric('headgate_cache_owed_tags');
      return owed === 0 && (await breaker(gateway, 'closed')) === 1;
    });
    await using cold = await shop.openGateway({ redisUrl: redis.url });
    for (const read of SHOP_READS)
      expect(await versionsNow(cold, read, product)).toEqual({ fetches: 2, response: 2 });
  });
});
