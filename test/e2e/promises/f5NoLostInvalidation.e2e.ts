import { createClient } from '@keyv/redis';
import { startCuttableProxy } from '../../support/cuttableProxy.js';
import { describeReal } from '../../support/realParts.js';
import { type RedisServer, startRedis } from '../../support/redis.js';
import { type CachedShop, type ShopGateway, startCachedShop } from '../../support/startCachedShop.js';
import { until } from '../../support/until.js';
import {
  BY_ID,
  createKnownProduct,
  createProduct,
  PATIENT_WITH_REDIS,
  readVersion,
  SHOP_READS,
  update,
  versionsNow,
  type WrittenProduct,
  warm,
} from './shopReads.js';

/** On the connection by which a gateway hears of the purges of others. */
const LISTENING = /subscribe/i;
const STOCK = 'query Stock($id: ID!) { product(id: $id) { id availability { available } } }';

async function command(redis: RedisServer, ...args: string[]): Promise<unknown> {
  const client = createClient({ url: redis.url, maintNotifications: 'disabled' });
  await client.connect();
  try {
    return await client.sendCommand(args);
  } finally {
    client.destroy();
  }
}

const cursorKey = (subgraph: string) => `{hg:00}:cursor:${subgraph}`;

describeReal('redis', 'F5: no lost invalidation', () => {
  let shop: CachedShop;
  let past: Pick<ShopGateway, 'ask'>;
  beforeAll(async () => {
    shop = await startCachedShop();
    past = { ask: (...request) => shop.askSubgraph('products', ...request) };
  });
  afterAll(() => shop?.[Symbol.asyncDispose]());

  async function everyReadShows(gateway: ShopGateway, product: WrittenProduct, version: number) {
    for (const read of SHOP_READS) {
      expect({ read: read.name, ...(await versionsNow(gateway, read, product)) }).toEqual({
        read: read.name,
        fetches: version,
        response: version,
      });
    }
  }

  /** Fills Redis through a gateway, which is stopped then; what happens next, no gateway sees. */
  async function leaveBehind(redis: RedisServer) {
    await using gateway = await shop.openGateway({ redisUrl: redis.url, cache: PATIENT_WITH_REDIS });
    const [product, other] = [await createProduct(gateway), await createProduct(gateway, 'garden')];
    const fills = () =>
      gateway.metric('headgate_cache_tier_fills_total', { tier: 'redis', outcome: 'stored' });
    // Only what is loaded after the feed has told of the products stays.
    await until('everything is in Redis', async () => {
      for (const read of SHOP_READS) await readVersion(gateway, read, product);
      await readVersion(gateway, BY_ID, other);
      await gateway.ask(STOCK, { id: other.id });
      const before = await fills();
      await using reader = await shop.openGateway({ redisUrl: redis.url, cache: PATIENT_WITH_REDIS });
      const seen = await readVersion(reader, BY_ID, other);
      const asked = reader.asked();
      for (const read of SHOP_READS) await readVersion(reader, read, product);
      await reader.ask(STOCK, { id: other.id });
      return seen.cache === 'hit; tier=redis' && reader.asked() === asked && before > 0;
    });
    for (const subgraph of ['products', 'inventory']) {
      await until(`the cursor of ${subgraph} is in Redis`, async () => {
        return typeof (await command(redis, 'GET', cursorKey(subgraph))) === 'string';
      });
    }
    return { product, other };
  }

  it('a gateway that starts serves nothing old that an earlier one has left in Redis', async () => {
    await using redis = await startRedis();
    const { product, other } = await leaveBehind(redis);
    await update(past, product, 2);
    await using gateway = await shop.openGateway({
      redisUrl: redis.url,
      cache: PATIENT_WITH_REDIS,
      whenLive: false,
      before: ({ feeds }) => feeds.products.freeze(),
    });
    // It does not know yet what it has missed.
    expect((await readVersion(gateway, BY_ID, product)).version).toBe(2);
    gateway.feeds.products.restore();
    await gateway.untilFeedsAreLive();
    await everyReadShows(gateway, product, 2);
    const asked = gateway.asked();
    expect(await readVersion(gateway, BY_ID, other)).toMatchObject({ version: 1, cache: 'hit; tier=redis' });
    expect(gateway.asked()).toBe(asked);
    expect(await gateway.metric('headgate_feed_epochs_total')).toBe(0);
  });

  it.each([
    ['is gone', (redis: RedisServer) => command(redis, 'DEL', cursorKey('products'))],
    [
      'is of a history that nobody has any more',
      (redis: RedisServer) => command(redis, 'SET', cursorKey('products'), 'boot-0123456789abcdef:7'),
    ],
  ])('when its cursor %s, everything of that subgraph goes, and nothing of others', async (_name, lose) => {
    await using redis = await startRedis();
    const { product, other } = await leaveBehind(redis);
    await update(past, product, 2);
    await lose(redis);
    await using gateway = await shop.openGateway({ redisUrl: redis.url, cache: PATIENT_WITH_REDIS });
    await everyReadShows(gateway, product, 2);
    const before = { products: gateway.asked('products'), inventory: gateway.asked('inventory') };
    await gateway.ask(STOCK, { id: other.id });
    expect(gateway.asked('products')).toBeGreaterThan(before.products);
    expect(gateway.asked('inventory')).toBe(before.inventory);
    expect(await gateway.metric('headgate_feed_epochs_total', { subgraph: 'products' })).toBe(1);
    expect(await gateway.metric('headgate_feed_epochs_total', { subgraph: 'inventory' })).toBe(0);
  });

  it('a feed that was cut off resumes, brings what it missed, and costs nothing else', async () => {
    await using gateway = await shop.openGateway();
    const epochs = await gateway.metric('headgate_feed_epochs_total');
    const [product, other] = [await createKnownProduct([gateway]), await createKnownProduct([gateway])];
    for (const one of [product, other]) await warm(gateway, BY_ID, one);
    gateway.feeds.products.cut();
    await update(past, product, 2);
    expect((await readVersion(gateway, BY_ID, product)).version).toBe(1);
    gateway.feeds.products.restore();
    await until('the new value is read', async () => {
      return (await readVersion(gateway, BY_ID, product)).version === 2;
    });
    expect(await versionsNow(gateway, BY_ID, product)).toEqual({ fetches: 2, response: 2 });
    const asked = gateway.asked();
    await versionsNow(gateway, BY_ID, other);
    expect(gateway.asked()).toBe(asked);
    expect(await gateway.metric('headgate_feed_epochs_total')).toBe(epochs);
  });

  it('while a feed is silent, nothing of its subgraph is served from the cache, and that of others is', async () => {
    await using gateway = await shop.openGateway({ cache: { feedSilenceMs: 1_000 } });
    const product = await createKnownProduct([gateway]);
    await warm(gateway, BY_ID, product);
    const availability = async () => {
      const before = gateway.asked('inventory');
      await gateway.ask(STOCK, { id: product.id });
      return gateway.asked('inventory') - before;
    };
    await until('its availability is cached', async () => (await availability()) === 0);
    gateway.feeds.products.freeze();
    await until('it is not trusted any more', async () => {
      return (await gateway.metric('headgate_feed_state', { subgraph: 'products', state: 'behind' })) === 1;
    });
    for (const version of [2, 3]) {
      await update(past, product, version);
      await everyReadShows(gateway, product, version);
    }
    // The other feed may have been taken for silent for a moment too, where the machine stood still.
    await until('its availability is served from the cache', async () => (await availability()) === 0);
    const asked = gateway.asked('products');
    await versionsNow(gateway, BY_ID, product);
    expect(gateway.asked('products')).toBe(asked + 2);

    gateway.feeds.products.restore();
    await gateway.untilFeedsAreLive();
    await warm(gateway, BY_ID, product);
    await everyReadShows(gateway, product, 3);
  });

  it('a Redis that was emptied takes no load that began before', async () => {
    await using redis = await startRedis();
    await using toRedis = await startCuttableProxy(redis.port);
    await using loader = await shop.openGateway({
      redisUrl: `redis://127.0.0.1:${toRedis.port}`,
      cache: PATIENT_WITH_REDIS,
    });
    await using writer = await shop.openGateway({ redisUrl: redis.url, cache: PATIENT_WITH_REDIS });
    const product = await createProduct(writer);
    loader.holdFeeds();
    toRedis.freeze(LISTENING);
    const refusals = () =>
      loader.metric('headgate_cache_tier_fills_total', { tier: 'redis', outcome: 'refused' });
    const refused = await refusals();
    const hold = loader.doors.products.hold();
    const early = readVersion(loader, BY_ID, product);
    await hold.answered;
    await update(writer, product, 2);
    await command(redis, 'FLUSHALL');
    hold.release();
    expect((await early).version).toBe(1);
    await until('Redis has refused it', async () => (await refusals()) > refused);
    await using cold = await shop.openGateway({ redisUrl: redis.url, cache: PATIENT_WITH_REDIS });
    await everyReadShows(cold, product, 2);
    await everyReadShows(writer, product, 2);
  });
});
