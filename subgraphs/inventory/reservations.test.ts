import { onBothDatabases } from '../../test/support/onBothDatabases.js';
import { INVENTORY_COLLECTIONS, SETTLEMENTS, STOCK } from './collections.js';
import { MAX_HOLD_MS, MAX_HOLDS_PER_PRODUCT, TOMBSTONE_GRACE_MS } from './reservations.js';
import { newStock, type SettlementDocument, type StockDocument } from './stockDocument.js';
import { createInventoryStore } from './store.js';

const PRODUCT = 'books-0001';
const START = new Date('2026-03-01T12:00:00Z');
const HOLD_MS = 15 * 60 * 1000;

onBothDatabases('reservations', (open) => {
  async function shop({ onHand }: { onHand: number }) {
    const database = await open(INVENTORY_COLLECTIONS);
    const stock = database.collection<StockDocument>(STOCK);
    await stock.insertOne(newStock(PRODUCT, onHand, START));
    let now = START;
    const store = createInventoryStore(database, () => now);
    const expiresAt = new Date(START.getTime() + HOLD_MS);
    return {
      store,
      stock,
      settlements: database.collection<SettlementDocument>(SETTLEMENTS),
      pass: (ms: number) => {
        now = new Date(now.getTime() + ms);
        return now;
      },
      reserve: (reservationId: string, quantity = 1, productId = PRODUCT) =>
        store.reserve({ productId, reservationId, quantity, expiresAt }),
      async level() {
        const { onHand, available, held } = (await stock.findOne({ _id: PRODUCT })) as StockDocument;
        expect(onHand - available).toBe(held.reduce((sum, { quantity }) => sum + quantity, 0));
        return { onHand, available };
      },
    };
  }

  it('leaves exactly nothing and refuses 100 when 200 reserve one of 100 units at once', async () => {
    const { reserve, level } = await shop({ onHand: 100 });
    const results = await Promise.all(Array.from({ length: 200 }, (_, index) => reserve(`order-${index}`)));
    expect(results.filter((result) => result === 'reserved')).toHaveLength(100);
    expect(results.filter((result) => result === 'insufficient')).toHaveLength(100);
    expect(await level()).toEqual({ onHand: 100, available: 0 });
  });

  it('never takes more than there is, whatever the quantities', async () => {
    const { reserve, level } = await shop({ onHand: 100 });
    const quantities = Array.from({ length: 60 }, (_, index) => (index % 7) + 1);
    const results = await Promise.all(
      quantities.map((quantity, index) => reserve(`order-${index}`, quantity)),
    );
    const taken = quantities
      .filter((_, index) => results[index] === 'reserved')
      .reduce((sum, q) => sum + q, 0);
    expect(await level()).toEqual({ onHand: 100, available: 100 - taken });
    expect(taken).toBeLessThanOrEqual(100);
    // Somebody was refused, and only for want of units.
    expect(results).toContain('insufficient');
  });

  it('takes units once when one reservation is delivered fifty times at once', async () => {
    const { reserve, level } = await shop({ onHand: 100 });
    const results = await Promise.all(Array.from({ length: 50 }, () => reserve('order-1', 3)));
    expect(results.filter((result) => result === 'reserved')).toHaveLength(1);
    expect(results.filter((result) => result === 'already')).toHaveLength(49);
    expect(await level()).toEqual({ onHand: 100, available: 97 });
  });

  it('says so when no stock is kept of a product', async () => {
    const { reserve, store } = await shop({ onHand: 1 });
    expect(await reserve('order-1', 1, 'books-9999')).toBe('unknown');
    expect(await store.commit('books-9999', 'order-1')).toBe('unknown');
    expect(await store.release('books-9999', 'order-1')).toBe('unknown');
  });

  it('gives units back once, however often and by however many it is released', async () => {
    const { store, reserve, level } = await shop({ onHand: 10 });
    await reserve('order-1', 4);
    const results = await Promise.all(Array.from({ length: 20 }, () => store.release(PRODUCT, 'order-1')));
    expect(new Set(results)).toEqual(new Set(['released']));
    expect(await level()).toEqual({ onHand: 10, available: 10 });
  });

  it('lets units leave the shelf once, however often and by however many it is committed', async () => {
    const { store, reserve, level } = await shop({ onHand: 10 });
    await reserve('order-1', 4);
    const results = await Promise.all(Array.from({ length: 20 }, () => store.commit(PRODUCT, 'order-1')));
    expect(new Set(results)).toEqual(new Set(['committed']));
    expect(await level()).toEqual({ onHand: 6, available: 6 });
  });

  it('lets one win when commit and release race, and tells the others how it ended', async () => {
    const { store, reserve, level } = await shop({ onHand: 10 });
    await reserve('order-1', 4);
    const results = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        index % 2 === 0 ? store.commit(PRODUCT, 'order-1') : store.release(PRODUCT, 'order-1'),
      ),
    );
    expect(new Set(results).size).toBe(1);
    const committed = results[0] === 'committed';
    expect(await level()).toEqual(committed ? { onHand: 6, available: 6 } : { onHand: 10, available: 10 });
  });

  it('does not give back what was committed', async () => {
    const { store, reserve, level } = await shop({ onHand: 10 });
    await reserve('order-1', 4);
    await store.commit(PRODUCT, 'order-1');
    expect(await store.release(PRODUCT, 'order-1')).toBe('committed');
    expect(await level()).toEqual({ onHand: 6, available: 6 });
  });

  it('does not commit what was released, nor what expired', async () => {
    const { store, reserve, level, pass } = await shop({ onHand: 10 });
    await reserve('order-1', 4);
    await store.release(PRODUCT, 'order-1');
    expect(await store.commit(PRODUCT, 'order-1')).toBe('released');
    await reserve('order-2', 2);
    expect(await store.releaseExpired(pass(HOLD_MS))).toBe(1);
    expect(await store.commit(PRODUCT, 'order-2')).toBe('expired');
    expect(await level()).toEqual({ onHand: 10, available: 10 });
  });

  it('does not commit what was never reserved', async () => {
    const { store, level } = await shop({ onHand: 10 });
    expect(await store.commit(PRODUCT, 'order-1')).toBe('unknown');
    expect(await level()).toEqual({ onHand: 10, available: 10 });
  });

  it.each(['committed', 'released', 'expired'] as const)(
    'does not reserve again under an id that is %s, soon after or long after',
    async (outcome) => {
      const { store, reserve, level, pass, stock, settlements } = await shop({ onHand: 10 });
      await reserve('order-1', 4);
      if (outcome === 'committed') await store.commit(PRODUCT, 'order-1');
      if (outcome === 'released') await store.release(PRODUCT, 'order-1');
      if (outcome === 'expired') await store.releaseExpired(new Date(START.getTime() + HOLD_MS));
      const settled = await level();
      expect(await reserve('order-1', 4)).toBe(outcome);

      expect(await store.archiveSettled(pass(HOLD_MS + TOMBSTONE_GRACE_MS))).toBe(1);
      expect((await stock.findOne({ _id: PRODUCT }))?.settled).toEqual([]);
      expect((await settlements.findOne({ _id: `${PRODUCT}/order-1` }))?.outcome).toBe(outcome);
      expect(await reserve('order-1', 4)).toBe(outcome);
      expect(await store.commit(PRODUCT, 'order-1')).toBe(outcome);
      expect(await store.release(PRODUCT, 'order-1')).toBe(outcome);
      expect(await level()).toEqual(settled);
    },
  );

  it('keeps a tombstone in the stock document as long as its reserve could still come in time', async () => {
    const { store, reserve, pass, stock } = await shop({ onHand: 10 });
    await reserve('order-1');
    await store.commit(PRODUCT, 'order-1');
    expect(await store.archiveSettled(pass(HOLD_MS + TOMBSTONE_GRACE_MS - 1))).toBe(0);
    expect((await stock.findOne({ _id: PRODUCT }))?.settled).toHaveLength(1);
  });

  it('takes nothing when the release overtook the reserve', async () => {
    const { store, reserve, level, stock, pass } = await shop({ onHand: 10 });
    const releases = Array.from({ length: 10 }, () => store.release(PRODUCT, 'order-1'));
    expect(new Set(await Promise.all(releases))).toEqual(new Set(['released']));
    expect(await reserve('order-1', 4)).toBe('released');
    expect(await level()).toEqual({ onHand: 10, available: 10 });
    expect((await stock.findOne({ _id: PRODUCT }))?.settled).toHaveLength(1);
    await store.archiveSettled(pass(MAX_HOLD_MS + TOMBSTONE_GRACE_MS));
    expect((await stock.findOne({ _id: PRODUCT }))?.settled).toEqual([]);
  });

  it('ends with nothing held, whichever of a racing reserve and release comes first', async () => {
    const { store, reserve, level } = await shop({ onHand: 40 });
    await Promise.all(
      Array.from({ length: 40 }, async (_, index) => {
        const [, released] = await Promise.all([
          reserve(`order-${index}`),
          store.release(PRODUCT, `order-${index}`),
        ]);
        expect(released).toBe('released');
      }),
    );
    expect(await level()).toEqual({ onHand: 40, available: 40 });
  });

  it('refuses a reserve whose deadline has passed, and still knows one that came in time', async () => {
    const { reserve, level, pass } = await shop({ onHand: 10 });
    expect(await reserve('in-time', 2)).toBe('reserved');
    pass(HOLD_MS);
    expect(await reserve('too-late', 2)).toBe('expired');
    expect(await reserve('in-time', 2)).toBe('already');
    expect(await level()).toEqual({ onHand: 10, available: 8 });
  });

  it('gives back expired holds once, though two processes sweep, and leaves the others', async () => {
    const { store, reserve, level, pass } = await shop({ onHand: 100 });
    const later = new Date(START.getTime() + 2 * HOLD_MS);
    await Promise.all(Array.from({ length: 30 }, (_, index) => reserve(`order-${index}`)));
    await store.reserve({ productId: PRODUCT, reservationId: 'longer', quantity: 5, expiresAt: later });
    const now = pass(HOLD_MS);
    const swept = await Promise.all([store.releaseExpired(now), store.releaseExpired(now)]);
    expect(swept.reduce((sum, count) => sum + count, 0)).toBe(30);
    expect(await level()).toEqual({ onHand: 100, available: 95 });
  });

  it('commits a hold past its deadline while no sweep has given it back: the units are still there', async () => {
    const { store, reserve, level, pass } = await shop({ onHand: 10 });
    await reserve('order-1', 4);
    const now = pass(2 * HOLD_MS);
    expect(await store.commit(PRODUCT, 'order-1')).toBe('committed');
    expect(await store.releaseExpired(now)).toBe(0);
    expect(await level()).toEqual({ onHand: 6, available: 6 });
  });

  it('asks to come back when a product has as many open holds as its document may keep', async () => {
    const { stock, reserve } = await shop({ onHand: 0 });
    const expiresAt = new Date(START.getTime() + HOLD_MS);
    const holds = MAX_HOLDS_PER_PRODUCT - 1;
    await stock.updateOne(
      { _id: PRODUCT },
      {
        $set: {
          onHand: holds + 10,
          available: 10,
          held: Array.from({ length: holds }, (_, index) => ({ id: `old-${index}`, quantity: 1, expiresAt })),
        },
      },
    );
    expect(await reserve('last')).toBe('reserved');
    expect(await reserve('one-more')).toBe('busy');
    expect(await reserve('last')).toBe('already');
  });

  it.each([0, -1, 1.5, Number.NaN])(
    'refuses the quantity %p as a mistake of the caller',
    async (quantity) => {
      const { reserve, level } = await shop({ onHand: 10 });
      await expect(reserve('order-1', quantity)).rejects.toThrow(RangeError);
      expect(await level()).toEqual({ onHand: 10, available: 10 });
    },
  );

  it('refuses a deadline further away than tombstones account for', async () => {
    const { store } = await shop({ onHand: 10 });
    const expiresAt = new Date(START.getTime() + MAX_HOLD_MS + 1);
    const reservation = { productId: PRODUCT, reservationId: 'order-1', quantity: 1, expiresAt };
    await expect(store.reserve(reservation)).rejects.toThrow(RangeError);
  });
});
