import os from 'node:os';
import { type Document, MongoClient } from 'mongodb';
import type { CommandEvent } from '../../../platform/database/mongodb/monitorCommands.js';
import { type ReplicaSet, startReplicaSet } from '../../support/mongod.js';
import { describeReal } from '../../support/realParts.js';
import { startRedis } from '../../support/redis.js';
import { type CachedShop, type ShopGateway, startCachedShop } from '../../support/startCachedShop.js';
import { until } from '../../support/until.js';
import {
  BY_ID,
  createKnownProduct,
  createProduct,
  readVersion,
  SHOP_READS,
  type ShopRead,
  update,
  versionsNow,
  type WrittenProduct,
} from './shopReads.js';

/** How long a read waits for a secondary that is behind. */
const CAUSAL_WAIT_MS = 100;

describeReal(['mongod', 'redis'], 'F4: no refill from a secondary that is behind', () => {
  let replicaSet: ReplicaSet;
  let shop: CachedShop;
  let secondary: MongoClient;
  const finds: CommandEvent[] = [];

  beforeAll(async () => {
    replicaSet = await startReplicaSet({
      members: 3,
      setParameters: { enableTestCommands: 1 },
      // The third makes a majority with the primary, and is hidden: reads see one secondary only.
      memberSettings: [{ priority: 2 }, { priority: 0 }, { priority: 0, hidden: true }],
    });
    shop = await startCachedShop({
      newUri: (cluster) => (cluster === 'shop' ? replicaSet.uriFor('shop') : undefined),
      database: (name) => ({
        causalWaitMs: CAUSAL_WAIT_MS,
        onCommand(event) {
          if (name === 'products' && event.phase === 'started' && event.name === 'find') finds.push(event);
        },
      }),
    });
    const port = replicaSet.members[1]?.port;
    secondary = new MongoClient(`mongodb://127.0.0.1:${port}/shop?directConnection=true`, {
      runtimeAdapters: { os },
    });
  });
  afterAll(async () => {
    await secondary?.close();
    await shop?.[Symbol.asyncDispose]();
    await replicaSet?.[Symbol.asyncDispose]();
  });

  async function whileSecondaryLags(run: () => Promise<void>): Promise<void> {
    const failPoint = (mode: 'alwaysOn' | 'off') =>
      secondary.db('admin').command({ configureFailPoint: 'rsSyncApplyStop', mode });
    try {
      await failPoint('alwaysOn');
      await run();
    } finally {
      await failPoint('off');
    }
  }

  const onSecondary = async ({ id }: WrittenProduct): Promise<number | undefined> => {
    const document: Document | null = await secondary
      .db()
      .collection<{ _id: string }>('products')
      .findOne({ _id: id }, { readPreference: 'secondary' });
    return document?.['price'].amountMinor;
  };
  const preferenceOf = (event: CommandEvent): string => {
    if (event.phase !== 'started') throw new Error('it has not begun');
    const preference = event.command['$readPreference'] as { readonly mode: string } | undefined;
    // The driver does not say so when it is the primary.
    return preference?.mode ?? 'primary';
  };

  /** One that is behind for longer than the wait, on a busy machine, is passed over now and then. */
  async function untilSecondaryAnswers(gateway: ShopGateway, reads: readonly ShopRead[]): Promise<void> {
    await until('all is read from the secondary', async () => {
      const product = await createProduct(gateway);
      finds.length = 0;
      for (const read of reads) await versionsNow(gateway, read, product);
      return finds.length > 0 && finds.every((find) => preferenceOf(find) === 'secondaryPreferred');
    });
  }

  it('reads go to the secondary, which is the point of this suite', async () => {
    await using gateway = await shop.openGateway();
    await untilSecondaryAnswers(gateway, [BY_ID]);
    expect(finds.map(preferenceOf)).toEqual(['secondaryPreferred']);
  });

  it('what a mutation has purged is not loaded back from it, in no read, no grain and no tier', async () => {
    await using redis = await startRedis();
    await using gateway = await shop.openGateway({ redisUrl: redis.url });
    await using replica = await shop.openGateway({ redisUrl: redis.url });
    const product = await createProduct(gateway);
    await until('the secondary has it', async () => (await onSecondary(product)) === 1);
    for (const read of SHOP_READS) {
      expect(await versionsNow(gateway, read, product)).toEqual({ fetches: 1, response: 1 });
    }
    await whileSecondaryLags(async () => {
      await update(gateway, product, 2);
      finds.length = 0;
      const startedAt = Date.now();
      for (const read of SHOP_READS) {
        expect({ read: read.name, ...(await versionsNow(gateway, read, product)) }).toEqual({
          read: read.name,
          fetches: 2,
          response: 2,
        });
      }
      expect(Date.now() - startedAt).toBeLessThan(30_000);
      // It was still behind all the time, and was asked first.
      expect(await onSecondary(product)).toBe(1);
      expect(new Set(finds.map(preferenceOf))).toEqual(new Set(['secondaryPreferred', 'primary']));
      for (const read of SHOP_READS) {
        await until(`${read.name} is new at the other gateway`, async () => {
          return (await readVersion(replica, read, product)).version === 2;
        });
        expect(await versionsNow(replica, read, product)).toEqual({ fetches: 2, response: 2 });
      }
    });
  });

  it('what a write past all gateways has purged is not loaded back from it either', async () => {
    await using gateway = await shop.openGateway();
    const product = await createKnownProduct([gateway]);
    await until('the secondary has it', async () => (await onSecondary(product)) === 1);
    for (const read of SHOP_READS) await versionsNow(gateway, read, product);
    const purges = () => gateway.metric('headgate_invalidations_total', { by: 'feed' });
    await whileSecondaryLags(async () => {
      const before = await purges();
      await update({ ask: (...request) => shop.askSubgraph('products', ...request) }, product, 2);
      await until('the feed has told', async () => (await purges()) > before);
      for (const read of SHOP_READS) {
        expect({ read: read.name, ...(await versionsNow(gateway, read, product)) }).toEqual({
          read: read.name,
          fetches: 2,
          response: 2,
        });
      }
      expect(await onSecondary(product)).toBe(1);
    });
  });

  it('once it has caught up, it is read again', async () => {
    await using gateway = await shop.openGateway();
    await untilSecondaryAnswers(gateway, SHOP_READS);
  });
});
