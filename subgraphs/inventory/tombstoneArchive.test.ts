import type { Collection, Database, StoredDocument } from '../../platform/database/database.js';
import { onBothDatabases } from '../../test/support/onBothDatabases.js';
import { INVENTORY_COLLECTIONS, SETTLEMENTS, STOCK } from './collections.js';
import { MAX_HOLD_MS, MAX_TOMBSTONES_PER_PRODUCT, TOMBSTONE_GRACE_MS } from './reservations.js';
import { newStock, type SettlementDocument, type StockDocument, type Tombstone } from './stockDocument.js';
import { createInventoryStore, type InventoryStore } from './store.js';

const PRODUCT = 'books-0001';
const START = new Date('2026-03-01T12:00:00Z');
const HOLD_MS = 15 * 60 * 1000;
const LONG_AFTER = new Date(START.getTime() + MAX_HOLD_MS + TOMBSTONE_GRACE_MS);

/** The same database; `afterwards` runs once, right after its read or write of its collection has been done. */
function interrupted(
  database: Database,
  at: {
    readonly collection: string;
    readonly call: 'findOne' | 'insertMissing';
    afterwards?(): Promise<unknown>;
  },
): Database {
  return {
    ...database,
    collection<T extends StoredDocument>(definition: Parameters<Database['collection']>[0]) {
      const collection = database.collection<T>(definition);
      if (definition.name !== at.collection) return collection;
      const original = collection[at.call] as (...args: unknown[]) => Promise<unknown>;
      const replaced = async (...args: unknown[]) => {
        const result = await original(...args);
        const { afterwards } = at;
        delete at.afterwards;
        await afterwards?.();
        return result;
      };
      return { ...collection, [at.call]: replaced } as Collection<T>;
    },
  };
}

onBothDatabases('tombstones', (open) => {
  async function shop({ onHand, tombstones = 0 }: { onHand: number; tombstones?: number }) {
    const database = await open(INVENTORY_COLLECTIONS);
    const stock = database.collection<StockDocument>(STOCK);
    const some = (howMany: number) =>
      Array.from(
        { length: howMany },
        (_, index): Tombstone => ({ id: `old-${index}`, outcome: 'committed', keepUntil: LONG_AFTER }),
      );
    await stock.insertOne({ ...newStock(PRODUCT, onHand, START), settled: some(tombstones) });
    const expiresAt = new Date(START.getTime() + HOLD_MS);
    const reserveIn = (store: InventoryStore, reservationId: string, quantity = 1) =>
      store.reserve({ productId: PRODUCT, reservationId, quantity, expiresAt });
    const store = createInventoryStore(database, () => START);
    return {
      store,
      settlements: database.collection<SettlementDocument>(SETTLEMENTS),
      reserveIn,
      reserve: (id: string, quantity?: number) => reserveIn(store, id, quantity),
      fill: () => stock.updateOne({ _id: PRODUCT }, { $set: { settled: some(MAX_TOMBSTONES_PER_PRODUCT) } }),
      archiveAll: () => store.archiveSettled(LONG_AFTER),
      /** Another process of inventory, which is held up once. */
      other: (at: Parameters<typeof interrupted>[1]) =>
        createInventoryStore(interrupted(database, at), () => START),
      async document() {
        return (await stock.findOne({ _id: PRODUCT })) as StockDocument;
      },
      async level() {
        const { onHand: there, available } = (await stock.findOne({ _id: PRODUCT })) as StockDocument;
        return { onHand: there, available };
      },
    };
  }

  it('are bounded per product, however much of it is sold, and every outcome is still known', async () => {
    const { store, reserve, document, level } = await shop({
      onHand: 100,
      tombstones: MAX_TOMBSTONES_PER_PRODUCT - 4,
    });
    const ids = Array.from({ length: 12 }, (_, index) => `order-${index}`);
    const outcomeOf = (index: number) => (index % 2 ? 'committed' : 'released');
    async function sell(first: number): Promise<void> {
      for (let index = first; index < ids.length; index += 4) {
        const id = ids[index] as string;
        expect(await reserve(id)).toBe('reserved');
        expect(await (index % 2 ? store.commit(PRODUCT, id) : store.release(PRODUCT, id))).toBe(
          outcomeOf(index),
        );
        expect((await document()).settled.length).toBeLessThanOrEqual(MAX_TOMBSTONES_PER_PRODUCT);
      }
    }
    await Promise.all([0, 1, 2, 3].map(sell));
    expect((await document()).settled.length).toBeLessThan(ids.length);
    expect(await level()).toEqual({ onHand: 94, available: 94 });
    for (const [index, id] of ids.entries()) expect(await reserve(id)).toBe(outcomeOf(index));
    expect(await reserve('old-0')).toBe('committed');
    expect(await store.release(PRODUCT, 'never came')).toBe('released');
    expect(await level()).toEqual({ onHand: 94, available: 94 });
  });

  it('make room for one more of a reservation that has not come yet, and of one that is taken back', async () => {
    const { store, reserve, level, archiveAll, fill, document } = await shop({ onHand: 10 });
    await reserve('order-1', 2);
    await store.commit(PRODUCT, 'order-1');
    await archiveAll();
    await fill();
    expect(await store.release(PRODUCT, 'never came')).toBe('released');
    expect((await document()).settled).toHaveLength(1);
    await fill();
    expect(await store.takeBack(PRODUCT, 'order-1', 2)).toBe('released');
    expect((await document()).settled).toHaveLength(1);
    expect(await level()).toEqual({ onHand: 10, available: 10 });
  });

  it('that leave between two looks of a redelivered reserve stop it nevertheless', async () => {
    const { store, reserve, reserveIn, archiveAll, other, level } = await shop({ onHand: 10 });
    await reserve('order-1', 4);
    const late = other({
      collection: SETTLEMENTS.name,
      call: 'findOne',
      async afterwards() {
        await store.commit(PRODUCT, 'order-1');
        await archiveAll();
      },
    });
    expect(await reserveIn(late, 'order-1', 4)).toBe('committed');
    expect(await level()).toEqual({ onHand: 6, available: 6 });
  });

  it('that leave between two looks of a release of nothing yet are found by it', async () => {
    const { store, reserve, archiveAll, other, level } = await shop({ onHand: 10 });
    const late = other({
      collection: SETTLEMENTS.name,
      call: 'findOne',
      async afterwards() {
        await reserve('order-1', 4);
        await store.commit(PRODUCT, 'order-1');
        await archiveAll();
      },
    });
    expect(await late.release(PRODUCT, 'order-1')).toBe('committed');
    expect(await level()).toEqual({ onHand: 6, available: 6 });
  });

  it('that are taken back while they move say so ever after, and units come back once', async () => {
    const { store, reserve, settlements, archiveAll, other, level } = await shop({ onHand: 10 });
    await reserve('order-1', 4);
    await store.commit(PRODUCT, 'order-1');
    const sweeping = other({
      collection: SETTLEMENTS.name,
      call: 'insertMissing',
      afterwards: () => store.takeBack(PRODUCT, 'order-1', 4),
    });
    await sweeping.archiveSettled(LONG_AFTER);
    expect(await store.commit(PRODUCT, 'order-1')).toBe('released');
    expect(await store.takeBack(PRODUCT, 'order-1', 4)).toBe('released');
    await archiveAll();
    expect((await settlements.findOne({ _id: `${PRODUCT}/order-1` }))?.outcome).toBe('released');
    expect(await level()).toEqual({ onHand: 10, available: 10 });
  });

  it('that have moved are taken back too, once, however many do it at once', async () => {
    const { store, reserve, settlements, archiveAll, level } = await shop({ onHand: 10 });
    await reserve('order-1', 4);
    await store.commit(PRODUCT, 'order-1');
    await archiveAll();
    const results = await Promise.all(
      Array.from({ length: 10 }, () => store.takeBack(PRODUCT, 'order-1', 4)),
    );
    expect(new Set(results)).toEqual(new Set(['released']));
    expect(await level()).toEqual({ onHand: 10, available: 10 });
    expect(await reserve('order-1', 4)).toBe('released');
    await archiveAll();
    expect((await settlements.findOne({ _id: `${PRODUCT}/order-1` }))?.outcome).toBe('released');
    expect(await store.takeBack(PRODUCT, 'order-1', 4)).toBe('released');
    expect(await level()).toEqual({ onHand: 10, available: 10 });
  });

  it('that one sweep moves after another has taken long are not overwritten by it', async () => {
    const { store, reserve, settlements, archiveAll, other, level } = await shop({ onHand: 10 });
    await reserve('order-1', 4);
    await store.commit(PRODUCT, 'order-1');
    const slow = other({
      collection: SETTLEMENTS.name,
      call: 'insertMissing',
      async afterwards() {
        await archiveAll();
        await store.takeBack(PRODUCT, 'order-1', 4);
        await archiveAll();
      },
    });
    await slow.archiveSettled(LONG_AFTER);
    expect((await settlements.findOne({ _id: `${PRODUCT}/order-1` }))?.outcome).toBe('released');
    expect(await store.commit(PRODUCT, 'order-1')).toBe('released');
    expect(await level()).toEqual({ onHand: 10, available: 10 });
  });
});
