import os from 'node:os';
import { MongoClient } from 'mongodb';
import { CONSISTENCY_HEADER } from '../../../gateway/cache/consistencyToken.js';
import { type CuttableProxy, startCuttableProxy } from '../../support/cuttableProxy.js';
import { describeReal, realMongodbUri } from '../../support/realParts.js';
import { type RedisServer, startRedis } from '../../support/redis.js';
import { type CachedShop, type ShopGateway, startCachedShop } from '../../support/startCachedShop.js';
import { until } from '../../support/until.js';
import {
  BY_ID,
  createKnownProduct,
  createProduct,
  readVersion,
  SHOP_READS,
  update,
  versionsNow,
  type WrittenProduct,
  warm,
} from './shopReads.js';

/** On the connection by which a gateway hears of the purges of others. */
const LISTENING = /subscribe/i;

interface Replicas {
  readonly redis: RedisServer;
  readonly writer: ShopGateway;
  readonly replica: ShopGateway;
  /** Between the replica and Redis. */
  readonly toRedis: CuttableProxy;
}

const open: AsyncDisposable[] = [];
afterEach(async () => {
  for (const part of open.splice(0).reverse()) await part[Symbol.asyncDispose]();
});

async function opened<T extends AsyncDisposable>(opening: Promise<T>): Promise<T> {
  const part = await opening;
  open.push(part);
  return part;
}

async function openReplicas(shop: CachedShop): Promise<Replicas> {
  const redis = await opened(startRedis());
  const toRedis = await opened(startCuttableProxy(redis.port));
  const writer = await opened(shop.openGateway({ redisUrl: redis.url }));
  const replica = await opened(shop.openGateway({ redisUrl: `redis://127.0.0.1:${toRedis.port}` }));
  return { redis, writer, replica, toRedis };
}

/** From then on it is the only value there is: a grain that showed the new one never shows the old one again. */
async function untilEveryReadShows(
  gateway: ShopGateway,
  product: WrittenProduct,
  version: number,
): Promise<void> {
  for (const read of SHOP_READS) {
    await until(`${read.name} shows version ${version}`, async () => {
      const { fetches, response } = await versionsNow(gateway, read, product);
      return fetches === version && response === version;
    });
  }
}

async function warmAll(gateway: ShopGateway, product: WrittenProduct): Promise<void> {
  for (const read of SHOP_READS) await warm(gateway, read, product);
}

describeReal('redis', 'F2: replicas agree fast', () => {
  let shop: CachedShop;
  beforeAll(async () => {
    shop = await startCachedShop();
  });
  afterAll(() => shop?.[Symbol.asyncDispose]());

  it('what one gateway has written, another shows by its word alone', async () => {
    const replicas = await openReplicas(shop);
    const { writer, replica } = replicas;
    const product = await createKnownProduct([writer, replica]);
    replica.holdFeeds();
    await warmAll(replica, product);
    await update(writer, product, 2);
    await untilEveryReadShows(replica, product, 2);
    expect(await replica.metric('headgate_invalidations_total', { by: 'replica' })).toBeGreaterThan(0);
  });

  it('without Redis, it shows it by the feed that it reads itself', async () => {
    const replicas = await openReplicas(shop);
    const { writer, replica, redis } = replicas;
    const product = await createKnownProduct([writer, replica]);
    await warmAll(replica, product);
    await redis[Symbol.asyncDispose]();
    await update(writer, product, 2);
    await untilEveryReadShows(replica, product, 2);
    expect(await replica.metric('headgate_invalidations_total', { by: 'feed' })).toBeGreaterThan(0);
  });

  describe('a client with the consistency token of its mutation', () => {
    /** The replica has heard nothing of the second version, by no way. */
    async function openUnaware() {
      const replicas = await openReplicas(shop);
      const { writer, replica, toRedis } = replicas;
      replica.holdFeeds();
      toRedis.freeze(LISTENING);
      const product = await createProduct(writer);
      await warmAll(replica, product);
      const { headers } = await update(writer, product, 2);
      const token = headers.get(CONSISTENCY_HEADER) ?? '';
      expect(token).not.toBe('');
      return { replica, product, token };
    }

    it('is never shown the old value, by a replica that has heard nothing of it', async () => {
      const { replica, product, token } = await openUnaware();
      for (const read of SHOP_READS) {
        const unaware = await readVersion(replica, read, product);
        expect({ read: read.name, ...unaware }).toMatchObject({ version: 1, cache: 'hit; tier=memory' });
        for (const operation of ['Read', 'Token']) {
          const seen = await readVersion(replica, read, product, operation, { [CONSISTENCY_HEADER]: token });
          expect({ read: read.name, operation, version: seen.version }).toEqual({
            read: read.name,
            operation,
            version: 2,
          });
        }
      }
    });

    it('is served from the cache again once the replica has caught up', async () => {
      const { replica, product, token } = await openUnaware();
      for (const feed of Object.values(replica.feeds)) feed.restore();
      await until('the cache answers', async () => {
        const seen = await readVersion(replica, BY_ID, product, 'Read', { [CONSISTENCY_HEADER]: token });
        expect(seen.version).toBe(2);
        return seen.cache === 'hit; tier=memory';
      });
    });

    it('gets nothing by a token that is forged, garbled, or from elsewhere, and no error', async () => {
      const { replica, product, token } = await openUnaware();
      const [version, payload = '', signature] = token.split('.');
      const times = Buffer.from(payload, 'base64url').toString();
      const later = Buffer.from(times.replace(/[0-9a-f]{4}$/, 'ffff')).toString('base64url');
      for (const forged of [
        `${version}.${later}.${signature}`,
        `${version}.${payload}.${'A'.repeat(43)}`,
        token.slice(0, -5),
        `${token}.${token}`,
        'v1..',
        'none',
        'v1.%00.%00',
        'x'.repeat(10_000),
      ]) {
        const seen = await readVersion(replica, BY_ID, product, 'Read', { [CONSISTENCY_HEADER]: forged });
        expect(seen).toMatchObject({ version: 1, cache: 'hit; tier=memory' });
      }
    });
  });
});

describeReal(['redis', 'mongodb'], 'F2: a write straight into MongoDB', () => {
  it('reaches every gateway by the change stream, and every tier', async () => {
    const shop = await opened(startCachedShop({ newUri: realMongodbUri }));
    const replicas = await openReplicas(shop);
    const { writer, replica } = replicas;
    const gateways = [writer, replica];
    const product = await createKnownProduct([writer, replica]);
    for (const gateway of gateways) await warmAll(gateway, product);
    const client = new MongoClient(shop.uris.products ?? '', { runtimeAdapters: { os } });
    try {
      const { matchedCount } = await client
        .db()
        .collection<{ _id: string; category: string }>('products')
        .updateOne(
          { _id: product.id, category: product.category },
          { $set: { name: `${product.word} version2`, 'price.amountMinor': 2 } },
        );
      expect(matchedCount).toBe(1);
      for (const gateway of gateways) await untilEveryReadShows(gateway, product, 2);
    } finally {
      await client.close();
    }
  });
});
