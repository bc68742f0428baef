import { describeReal } from '../../support/realParts.js';
import { type RedisServer, startRedis } from '../../support/redis.js';
import { type CachedShop, type ShopGateway, startCachedShop } from '../../support/startCachedShop.js';
import {
  BY_ID,
  createProduct,
  readVersion,
  SHOP_READS,
  tryUpdate,
  update,
  versionsNow,
  warm,
} from './shopReads.js';

const AVAILABILITY = 'query Stock($id: ID!) { product(id: $id) { availability { available } } }';

describeReal('redis', 'F1: read your writes', () => {
  let shop: CachedShop;
  beforeAll(async () => {
    shop = await startCachedShop();
  });
  afterAll(() => shop?.[Symbol.asyncDispose]());

  /** Feeds are held, so that only the mutation itself can have purged what the next read must not show. */
  async function openDeafGateway(
    options: Parameters<CachedShop['openGateway']>[0] = {},
  ): Promise<ShopGateway> {
    const gateway = await shop.openGateway(options);
    gateway.holdFeeds();
    return gateway;
  }

  const REDIS_STATES: readonly [string, (redis: RedisServer) => void | Promise<void>][] = [
    ['is up', () => undefined],
    ['has died', (redis) => redis[Symbol.asyncDispose]()],
    ['hangs', (redis) => redis.signal('SIGSTOP')],
  ];

  describe.each(REDIS_STATES)('with a Redis that %s', (_state, bringAbout) => {
    it('every read shows the new value, and no mutation fails', async () => {
      await using redis = await startRedis();
      await using gateway = await openDeafGateway({ redisUrl: redis.url });
      const product = await createProduct(gateway);
      for (const read of SHOP_READS) await warm(gateway, read, product);
      await bringAbout(redis);
      for (const version of [2, 3]) {
        await update(gateway, product, version);
        const seen = await Promise.all(SHOP_READS.map((read) => versionsNow(gateway, read, product)));
        for (const [index, { name }] of SHOP_READS.entries()) {
          expect({ name, ...seen[index] }).toEqual({ name, fetches: version, response: version });
        }
      }
    });

    it('a read that is under way keeps its old value to itself', async () => {
      await using redis = await startRedis();
      await using gateway = await openDeafGateway({ redisUrl: redis.url });
      const product = await createProduct(gateway);
      const { products } = gateway.doors;
      for (const read of SHOP_READS) {
        const before = await readVersion(shopAsker(), BY_ID, product);
        const next = (before.version ?? 0) + 1;
        const hold = products.hold();
        const early = readVersion(gateway, read, product);
        await hold.answered;
        if (read === SHOP_READS[0]) await bringAbout(redis);
        await update(gateway, product, next);
        const during = await versionsNow(gateway, read, product);
        hold.release();
        const waited = await early;
        const after = await versionsNow(gateway, read, product);
        expect({ read: read.name, during, after }).toEqual({
          read: read.name,
          during: { fetches: next, response: next },
          after: { fetches: next, response: next },
        });
        expect(waited.version).toBe(before.version);
      }
    });
  });

  const shopAsker = () => ({
    ask: (...request: Parameters<ShopGateway['ask']>) => shop.askSubgraph('products', ...request),
  });

  describe('after a mutation of which nobody knows what it has done', () => {
    /** A page with parts of two subgraphs, of which one is then written to. */
    async function openWarmed() {
      const gateway = await openDeafGateway({ upstream: { timeoutMs: 1_500 } });
      const product = await createProduct(gateway);
      const other = await createProduct(gateway, 'office');
      for (const one of [product, other]) {
        await warm(gateway, BY_ID, one);
        await gateway.ask(AVAILABILITY, { id: one.id });
      }
      return { gateway, product, other };
    }

    it('that failed, everything of its subgraph is asked for anew, and nothing of others', async () => {
      const { gateway, product, other } = await openWarmed();
      await using _ = gateway;
      await update(shopAsker(), product, 2);
      const taken = await gateway.ask(
        'mutation ($input: CreateProductInput!) { createProduct(input: $input) { id } }',
        {
          input: {
            sku: product.word,
            name: 'Taken',
            category: 'toys',
            price: { amountMinor: 1, currency: 'EUR' },
          },
        },
      );
      expect(taken.errors?.[0]?.extensions['code']).toBe('CONFLICT');
      expect(await versionsNow(gateway, BY_ID, product)).toEqual({ fetches: 2, response: 2 });
      const before = { products: gateway.asked('products'), inventory: gateway.asked('inventory') };
      expect(await versionsNow(gateway, BY_ID, other)).toEqual({ fetches: 1, response: 1 });
      await gateway.ask(AVAILABILITY, { id: other.id });
      expect(gateway.asked('products') - before.products).toBeGreaterThan(0);
      expect(gateway.asked('inventory')).toBe(before.inventory);
    });

    it.each([
      ['whose answer was lost', 'lose'],
      ['whose answer is too late', 'hold'],
    ])('%s, the value that it has written is read', async (_name, how) => {
      const { gateway, product, other } = await openWarmed();
      await using _ = gateway;
      const { products } = gateway.doors;
      const hold = how === 'hold' ? products.hold(({ isMutation }) => isMutation) : undefined;
      if (how === 'lose') products.fault = ({ isMutation }) => (isMutation ? 'lose' : undefined);
      const { errors } = await tryUpdate(gateway, product, 2);
      expect(errors).toHaveLength(1);
      expect(await versionsNow(gateway, BY_ID, product)).toEqual({ fetches: 2, response: 2 });
      const asked = gateway.asked('products');
      await versionsNow(gateway, BY_ID, other);
      expect(gateway.asked('products')).toBe(asked + 1);
      hold?.release();
    });
  });

  it('a mutation that changed nothing purges nothing', async () => {
    await using gateway = await openDeafGateway();
    const product = await createProduct(gateway);
    await warm(gateway, BY_ID, product);
    const asked = gateway.asked();
    const { data, errors } = await gateway.ask('mutation { deleteProduct(id: "music-there-is-none") }');
    expect({ data, errors }).toEqual({ data: { deleteProduct: null }, errors: undefined });
    await versionsNow(gateway, BY_ID, product);
    expect(gateway.asked()).toBe(asked);
  });

  it('a mutation that writes to one product leaves the pages of others cached', async () => {
    await using gateway = await openDeafGateway();
    const product = await createProduct(gateway);
    const other = await createProduct(gateway);
    for (const one of [product, other]) await warm(gateway, BY_ID, one);
    await update(gateway, product, 2);
    const asked = gateway.asked();
    await versionsNow(gateway, BY_ID, other);
    expect(gateway.asked()).toBe(asked);
    await versionsNow(gateway, BY_ID, product);
    expect(gateway.asked()).toBe(asked + 1);
  });
});
