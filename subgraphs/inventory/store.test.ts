import { onBothDatabases } from '../../test/support/onBothDatabases.js';
import { recordingDatabase } from '../../test/support/recordingDatabase.js';
import { INVENTORY_COLLECTIONS } from './collections.js';
import { createInventoryStore, MAX_ON_HAND } from './store.js';

onBothDatabases('inventory store', (open) => {
  it('begins stock with the first restock and adds to it with the next', async () => {
    const store = createInventoryStore(await open(INVENTORY_COLLECTIONS));
    expect(await store.levels(['books-0001'])).toEqual([]);
    expect(await store.restock('books-0001', 5)).toMatchObject({ onHand: 5, available: 5 });
    expect(await store.restock('books-0001', 7)).toMatchObject({ onHand: 12, available: 12 });
    expect(await store.levels(['books-0001'])).toMatchObject([{ onHand: 12, available: 12 }]);
  });

  it('loses no unit when the first restocks race', async () => {
    const store = createInventoryStore(await open(INVENTORY_COLLECTIONS));
    await Promise.all(Array.from({ length: 20 }, () => store.restock('books-0001', 3)));
    expect(await store.levels(['books-0001'])).toMatchObject([{ onHand: 60, available: 60 }]);
  });

  it('leaves held units held when more arrive', async () => {
    const store = createInventoryStore(await open(INVENTORY_COLLECTIONS));
    await store.restock('books-0001', 5);
    const expiresAt = new Date(Date.now() + 60_000);
    await store.reserve({ productId: 'books-0001', reservationId: 'order-1', quantity: 2, expiresAt });
    expect(await store.restock('books-0001', 10)).toMatchObject({ onHand: 15, available: 13 });
  });

  it('does not add what would not fit into an Int', async () => {
    const store = createInventoryStore(await open(INVENTORY_COLLECTIONS));
    await store.restock('books-0001', MAX_ON_HAND - 1);
    expect(await store.restock('books-0001', 2)).toBeNull();
    expect(await store.restock('books-0001', 1)).toMatchObject({ onHand: MAX_ON_HAND });
  });

  it('reads a page of levels with one command and without the reservations', async () => {
    const { database, calls } = recordingDatabase(await open(INVENTORY_COLLECTIONS));
    const store = createInventoryStore(database);
    const ids = Array.from({ length: 50 }, (_, index) => `books-${index}`);
    await Promise.all(ids.slice(0, 40).map((id, index) => store.restock(id, index + 1)));
    calls.length = 0;
    const levels = await store.levels(ids);
    expect(levels).toHaveLength(40);
    expect(calls).toHaveLength(1);
    expect(Object.keys(levels[0] ?? {}).sort()).toEqual(['_id', 'available', 'onHand', 'updatedAt']);
  });
});
