import { startCuttableProxy } from '../../support/cuttableProxy.js';
import { describeReal } from '../../support/realParts.js';
import { startRedis } from '../../support/redis.js';
import { type CachedShop, type ShopGateway, startCachedShop } from '../../support/startCachedShop.js';
import { until } from '../../support/until.js';
import {
  BY_ID,
  createProduct,
  PATIENT_WITH_REDIS,
  readVersion,
  SHOP_READS,
  update,
  versionsNow,
  type WrittenProduct,
} from './shopReads.js';

/** On the connection by which a gateway hears of the purges of others. */
const LISTENING = /subscribe/i;
const STOCKS =
  'query Stocks($category: String!) { list: products(category: $category, first: 5) { edges { node { id availability { available } } } } }';
const RESTOCK = 'mutation Restock($id: ID!) { restock(productId: $id, quantity: 7) { available } }';

describeReal('redis', 'F3: fenced fills', () => {
  let shop: CachedShop;
  beforeAll(async () => {
    shop = await startCachedShop();
  });
  afterAll(() => shop?.[Symbol.asyncDispose]());

  const past = (subgraph: 'products' | 'inventory') => ({
    ask: (...request: Parameters<ShopGateway['ask']>) => shop.askSubgraph(subgraph, ...request),
  });

  /** Runs what makes the gateway hear of a change, and waits until it has. */
  async function heard(gateway: ShopGateway, by: 'feed' | 'replica', change: () => Promise<unknown>) {
    const count = () => gateway.metric('headgate_invalidations_total', { by });
    const before = await count();
    await change();
    await until(`the gateway hears of it by ${by}`, async () => (await count()) > before);
  }

  async function createKnownProduct(gateway: ShopGateway): Promise<WrittenProduct> {
    let product: WrittenProduct | undefined;
    await heard(gateway, 'feed', async () => {
      product = await createProduct(past('products'));
    });
    return product as WrittenProduct;
  }

  it.each(SHOP_READS.map((read) => [read.name, read] as const))(
    'a load of %s that the feed overtakes answers who waits for it, and nobody after',
    async (_name, read) => {
      await using gateway = await shop.openGateway();
      const product = await createKnownProduct(gateway);
      const hold = gateway.doors.products.hold();
      const early = readVersion(gateway, read, product);
      await hold.answered;
      const joined = readVersion(gateway, read, product);
      await heard(gateway, 'feed', () => update(past('products'), product, 2));
      const during = await versionsNow(gateway, read, product);
      hold.release();
      expect((await early).version).toBe(1);
      expect([1, 2]).toContain((await joined).version);
      const after = await versionsNow(gateway, read, product);
      expect({ during, after }).toEqual({
        during: { fetches: 2, response: 2 },
        after: { fetches: 2, response: 2 },
      });
    },
  );

  it('a load that another gateway has overtaken is not to be had from Redis either', async () => {
    await using redis = await startRedis();
    await using toRedis = await startCuttableProxy(redis.port);
    await using loader = await shop.openGateway({
      redisUrl: `redis://127.0.0.1:${toRedis.port}`,
      cache: PATIENT_WITH_REDIS,
    });
    await using writer = await shop.openGateway({ redisUrl: redis.url });
    const product = await createKnownProduct(loader);
    // It hears nothing of the write, by no way: Redis alone can know that the value is old which it then brings.
    loader.holdFeeds();
    toRedis.freeze(LISTENING);
    const refusals = () =>
      loader.metric('headgate_cache_tier_fills_total', { tier: 'redis', outcome: 'refused' });
    for (const read of SHOP_READS) {
      const hold = loader.doors.products.hold();
      const early = readVersion(loader, read, product);
      await hold.answered;
      const { version = 0 } = await readVersion(past('products'), BY_ID, product);
      const refused = await refusals();
      await update(writer, product, version + 1);
      hold.release();
      expect((await early).version).toBe(version);
      await until('Redis has refused it', async () => (await refusals()) > refused);
      await using cold = await shop.openGateway({ redisUrl: redis.url });
      expect({ read: read.name, ...(await versionsNow(cold, read, product)) }).toEqual({
        read: read.name,
        fetches: version + 1,
        response: version + 1,
      });
    }
  });

  it('a revalidation that a mutation overtakes leaves nothing old behind', async () => {
    await using gateway = await shop.openGateway({
      upstream: { cache: { maxTtlMs: 30, staleWhileRevalidateMs: 60_000 } },
    });
    const product = await createKnownProduct(gateway);
    gateway.holdFeeds();
    await readVersion(gateway, BY_ID, product);
    const hold = gateway.doors.products.hold();
    await until('it is served stale', async () => {
      return (await readVersion(gateway, BY_ID, product)).cache === 'stale; tier=memory';
    });
    await hold.answered;
    await update(gateway, product, 2);
    const during = await versionsNow(gateway, BY_ID, product);
    hold.release();
    const after = await versionsNow(gateway, BY_ID, product);
    expect({ during, after }).toEqual({
      during: { fetches: 2, response: 2 },
      after: { fetches: 2, response: 2 },
    });
  });

  it('a batch loses the entity that was changed meanwhile, and keeps the others', async () => {
    await using gateway = await shop.openGateway();
    gateway.holdFeeds();
    const { inventory } = gateway.doors;
    const stocks = async (operation: string) => {
      const query = STOCKS.replace('Stocks', operation);
      const { data } = await gateway.ask(query, { category: 'toys' });
      return new Map<string, number>(
        data.list.edges.map(({ node }: { node: { id: string; availability: { available: number } } }) => [
          node.id,
          node.availability.available,
        ]),
      );
    };
    const hold = inventory.hold();
    const early = stocks('Early');
    await hold.answered;
    const asked = inventory.knocks.at(-1)?.variables['representations'] as { id: string }[];
    const [changed] = asked;
    const id = changed?.id ?? '';
    await gateway.ask(RESTOCK, { id });
    hold.release();
    const before = await early;
    expect(await stocks('Late')).toEqual(new Map(before).set(id, (before.get(id) ?? 0) + 7));
    expect(inventory.knocks.at(-1)?.variables['representations']).toEqual([changed]);
    const { length } = inventory.knocks;
    await stocks('Latest');
    expect(inventory.knocks).toHaveLength(length);
  });
});
