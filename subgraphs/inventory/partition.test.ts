import os from 'node:os';
import { MongoClient } from 'mongodb';
import type { CausalContext, Database } from '../../platform/database/database.js';
import { openDatabase } from '../../platform/database/openDatabase.js';
import { meanwhile } from '../../test/support/meanwhile.js';
import { type ReplicaSet, startReplicaSet } from '../../test/support/mongod.js';
import { cutOffPrimary, holdReplication } from '../../test/support/partition.js';
import { describeReal } from '../../test/support/realParts.js';
import { until } from '../../test/support/until.js';
import { INVENTORY_COLLECTIONS } from './collections.js';
import type { StockDocument } from './stockDocument.js';
import { createInventoryStore, type InventoryStore } from './store.js';

const PRODUCT = 'books-0001';
const OTHER = 'books-0002';
const UNITS = 10_000;
const BUYERS = 4;
const PATIENCE_MS = 120_000;

describeReal('mongod', 'inventory whose primary is cut off from everybody', () => {
  let replicaSet: ReplicaSet;
  let database: Database;
  let store: InventoryStore;
  let mongodb: MongoClient;
  beforeAll(async () => {
    replicaSet = await startReplicaSet({ members: 3, setParameters: { enableTestCommands: 1 } });
    const uri = replicaSet.uriFor('inventory');
    mongodb = new MongoClient(uri, { runtimeAdapters: { os } });
    // Less patient than in production, so that the story is short.
    database = await openDatabase({ uri, name: 'inventory', connectTimeoutMs: 1_500 });
    await database.ensure(INVENTORY_COLLECTIONS);
    store = createInventoryStore(database);
  }, PATIENCE_MS);
  afterAll(async () => {
    await database?.close();
    await replicaSet?.[Symbol.asyncDispose]();
    // Last: it would wait for a server that still hangs.
    await mongodb?.close();
  }, PATIENCE_MS);

  it('loses no reservation that was acknowledged, makes none twice, and shows nothing old', async () => {
    await store.restock(PRODUCT, UNITS);
    const expiresAt = new Date(Date.now() + 3_600_000);
    let acknowledged = 0;
    const outcomes = new Set<string>();

    /** As the order worker does: the same reservation again, until there is an answer. */
    function createBuyer(name: number): () => Promise<boolean> {
      let count = 0;
      return async () => {
        const hold = { productId: PRODUCT, reservationId: `order-${name}-${count}`, quantity: 1, expiresAt };
        const outcome = await store.reserve(hold).catch(() => undefined);
        if (outcome === undefined) return false;
        outcomes.add(outcome);
        acknowledged += 1;
        count += 1;
        return true;
      };
    }
    const buyers = Array.from({ length: BUYERS }, (_, index) => createBuyer(index));
    /** As a client that has written: its token says that it has seen what was acknowledged before. */
    async function reader(): Promise<void> {
      const before = acknowledged;
      const causal: CausalContext = {};
      const written = await store.restock(OTHER, 1, causal).catch(() => undefined);
      if (written === undefined) return;
      const levels = await store.levels([PRODUCT], { after: causal.last }).catch(() => undefined);
      if (levels) expect(levels[0]?.available).toBeLessThanOrEqual(UNITS - before);
    }
    /** Whether the primary has reservations that it has not acknowledged. */
    async function isAhead(): Promise<boolean> {
      const stock = await mongodb.db().collection<StockDocument>('stock').findOne({ _id: PRODUCT });
      return (stock?.held.length ?? 0) > acknowledged;
    }
    const untilMoreAre = (count: number) => {
      const goal = acknowledged + count;
      return until(`${count} more are acknowledged`, () => acknowledged >= goal, PATIENCE_MS);
    };
    await meanwhile([...buyers.map((buy) => async () => void (await buy())), reader], async () => {
      await untilMoreAre(50);
      const letReplicate = await holdReplication(replicaSet);
      await until('the primary alone has reservations', isAhead, PATIENCE_MS);
      const partition = await cutOffPrimary(replicaSet);
      await letReplicate();
      // Only another primary can acknowledge these: a majority is needed, and the old one does nothing.
      await untilMoreAre(50);
      partition.heal();
      await untilMoreAre(50);
    });
    for (const buy of buyers) await until('its last reservation is answered', buy, PATIENCE_MS);
    outcomes.delete('already');
    expect([...outcomes]).toEqual(['reserved']);
    expect(await store.levels([PRODUCT])).toMatchObject([{ onHand: UNITS, available: UNITS - acknowledged }]);
  });
});
