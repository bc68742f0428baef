import os from 'node:os';
import { MongoClient } from 'mongodb';
import type { Database } from '../../platform/database/database.js';
import { openDatabase } from '../../platform/database/openDatabase.js';
import { type ReplicaSet, startReplicaSet } from '../../test/support/mongod.js';
import { describeReal } from '../../test/support/realParts.js';
import type { ServerProcess } from '../../test/support/serverProcess.js';
import { until } from '../../test/support/until.js';
import { INVENTORY_COLLECTIONS } from './collections.js';
import { createInventoryStore, type InventoryStore } from './store.js';

const PRODUCT = 'books-0001';
const UNITS = 10_000;
const BUYERS = 4;
const PATIENCE_MS = 60_000;

describeReal('mongod', 'inventory whose primary is cut off from everybody', () => {
  let replicaSet: ReplicaSet;
  let database: Database;
  let store: InventoryStore;
  beforeAll(async () => {
    replicaSet = await startReplicaSet({ members: 3 });
    database = await openDatabase({ uri: replicaSet.uriFor('inventory'), name: 'inventory' });
    await database.ensure(INVENTORY_COLLECTIONS);
    store = createInventoryStore(database);
  }, PATIENCE_MS);
  afterAll(async () => {
    await database?.close();
    await replicaSet?.[Symbol.asyncDispose]();
  });

  async function primary(): Promise<ServerProcess> {
    const client = new MongoClient(replicaSet.uri, { runtimeAdapters: { os } });
    try {
      const hello = await client.db('admin').command({ hello: 1 });
      const found = replicaSet.members.find(({ port }) => hello['primary'] === `127.0.0.1:${port}`);
      if (found === undefined) throw new Error(`${hello['primary']} is no member`);
      return found;
    } finally {
      await client.close();
    }
  }

  it('loses no reservation that was acknowledged, makes none twice, and shows nothing old', async () => {
    await store.restock(PRODUCT, UNITS);
    const expiresAt = new Date(Date.now() + 3_600_000);
    let acknowledged = 0;
    const outcomes = new Set<string>();
    let isOver = false;

    /** As the order worker does: the same reservation again, until there is an answer. */
    async function buy(reservationId: string): Promise<void> {
      for (;;) {
        const hold = { productId: PRODUCT, reservationId, quantity: 1, expiresAt };
        const outcome = await store.reserve(hold).catch(() => undefined);
        if (outcome === undefined) continue;
        outcomes.add(outcome);
        acknowledged += 1;
        return;
      }
    }
    async function buyer(name: number): Promise<void> {
      for (let count = 0; !isOver; count++) await buy(`order-${name}-${count}`);
    }
    async function reader(): Promise<void> {
      while (!isOver) {
        const before = acknowledged;
        const levels = await store.levels([PRODUCT]).catch(() => undefined);
        // What was acknowledged before the read began, it has to show.
        if (levels) expect(levels[0]?.available).toBeLessThanOrEqual(UNITS - before);
      }
    }
    const running = Promise.all([...Array.from({ length: BUYERS }, (_, index) => buyer(index)), reader()]);
    const untilMoreAre = (count: number) => {
      const goal = acknowledged + count;
      return until(`${count} more are acknowledged`, () => acknowledged >= goal, PATIENCE_MS);
    };
    try {
      await untilMoreAre(50);
      const cutOff = await primary();
      cutOff.signal('SIGSTOP');
      // Only another primary can acknowledge these: a majority is needed, and the old one does nothing.
      await untilMoreAre(50);
      cutOff.signal('SIGCONT');
      await untilMoreAre(50);
    } finally {
      isOver = true;
      await running;
    }
    outcomes.delete('already');
    expect([...outcomes]).toEqual(['reserved']);
    expect(await store.levels([PRODUCT])).toMatchObject([{ onHand: UNITS, available: UNITS - acknowledged }]);
  }, 120_000);
});
