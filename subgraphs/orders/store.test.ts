import { onBothDatabases } from '../../test/support/onBothDatabases.js';
import { recordingDatabase } from '../../test/support/recordingDatabase.js';
import { ORDERS, ORDERS_COLLECTIONS } from './collections.js';
import { type OrderDocument, outboxEntry } from './orderDocument.js';
import { bucketOfCustomer, orderIdOf } from './orderId.js';
import { ORDER_STATUSES, type OrderStatus, statusesBefore } from './orderState.js';
import { createOrderStore } from './store.js';

const AT = new Date('2026-03-01T12:00:00Z');
const LATER = new Date('2026-03-01T12:05:00Z');

function order(customerId: string, key: string, status: OrderStatus = 'PLACED'): OrderDocument {
  const _id = orderIdOf(customerId, key);
  const price = { amountMinor: 1999, currency: 'EUR' };
  return {
    _id,
    customerBucket: bucketOfCustomer(customerId),
    customerId,
    contentsDigest: 'digest',
    status,
    items: [{ productId: 'books-0001', quantity: 1, unitPrice: price }],
    total: price,
    placedAt: AT,
    updatedAt: AT,
    steps: [],
    timeline: [{ status, at: AT }],
    outbox: [outboxEntry(_id, 'ORDER_PLACED', AT)],
    version: 1,
  };
}

onBothDatabases('order store', (open) => {
  async function newStore() {
    const { database, calls } = recordingDatabase(await open(ORDERS_COLLECTIONS));
    const store = createOrderStore(database);
    return { store, calls, count: () => database.collection(ORDERS).count({}) };
  }

  it('keeps an order as it was written, its outbox with it', async () => {
    const { store } = await newStore();
    const placed = order('ada', 'k1');
    await store.insertOrFind(placed);
    expect(await store.findById(placed._id)).toEqual(placed);
    expect(placed.outbox).toEqual([
      { id: `${placed._id}/ORDER_PLACED`, type: 'ORDER_PLACED', createdAt: AT },
    ]);
  });

  it('gives the first order to all others when a hundred inserts of one id race', async () => {
    const { store, count } = await newStore();
    const candidates = Array.from({ length: 100 }, (_, index) => ({
      ...order('ada', 'k1'),
      version: index + 1,
    }));
    const winners = await Promise.all(candidates.map((candidate) => store.insertOrFind(candidate)));
    expect(new Set(winners.map(({ version }) => version)).size).toBe(1);
    expect(await count()).toBe(1);
  });

  it('asks the database nothing about what is no order id', async () => {
    const { store, calls } = await newStore();
    expect(await store.findById('books-0001')).toBeNull();
    expect(await store.findByIds(['', 'x'])).toEqual([]);
    expect(await store.transition({ orderId: 'x', to: 'PAID', at: LATER })).toBeNull();
    expect(calls).toEqual([]);
  });

  it('carries the shard key in every query', async () => {
    const { store, calls } = await newStore();
    const mine = order('ada', 'k1');
    await store.insertOrFind(mine);
    await store.insertOrFind(mine);
    await store.findById(mine._id);
    await store.findByIds([mine._id, orderIdOf('grace', 'k1')]);
    await store.ofCustomer('ada', {
      filter: { placedAt: { $lt: LATER } },
      sort: { placedAt: -1, _id: -1 },
      limit: 3,
    });
    await store.transition({ orderId: mine._id, customerId: 'ada', to: 'CANCELLED', at: LATER });
    expect(new Set(calls.map(({ method }) => method))).toEqual(
      new Set(['insertOne', 'findOne', 'find', 'findOneAndUpdate']),
    );
    for (const { argument } of calls) expect(argument['customerBucket']).toBeDefined();
  });

  it('reads many orders with one command', async () => {
    const { store, calls } = await newStore();
    const orders = ['ada', 'grace', 'linus'].map((customer) => order(customer, 'k1'));
    await Promise.all(orders.map((each) => store.insertOrFind(each)));
    calls.length = 0;
    const found = await store.findByIds([...orders.map(({ _id }) => _id), orderIdOf('nobody', 'k')]);
    expect(found.map(({ customerId }) => customerId).sort()).toEqual(['ada', 'grace', 'linus']);
    expect(calls).toHaveLength(1);
  });

  describe.each(ORDER_STATUSES)('a transition to %s', (to) => {
    it('changes status, timeline and outbox together, from where it is legal and from nowhere else', async () => {
      const { store } = await newStore();
      for (const from of ORDER_STATUSES) {
        const before = order('ada', from, from);
        await store.insertOrFind(before);
        const entry = outboxEntry(before._id, 'ORDER_CANCELLED', LATER);
        const after = await store.transition({ orderId: before._id, to, at: LATER, outbox: entry });
        const expected = {
          ...before,
          status: to,
          updatedAt: LATER,
          timeline: [...before.timeline, { status: to, at: LATER }],
          outbox: [...before.outbox, entry],
          version: 2,
        };
        const legal = statusesBefore(to).includes(from);
        expect(after).toEqual(legal ? expected : null);
        expect(await store.findById(before._id)).toEqual(legal ? expected : before);
      }
    });
  });

  it('lets one transition win when several race from the same status', async () => {
    const { store } = await newStore();
    const placed = order('ada', 'k1');
    await store.insertOrFind(placed);
    const racing = (['STOCK_RESERVED', 'REJECTED', 'CANCELLED'] as const).flatMap((to) => [to, to, to]);
    const results = await Promise.all(
      racing.map((to) => store.transition({ orderId: placed._id, to, at: LATER })),
    );
    const won = results.filter((result) => result !== null);
    // A reserved order may still be rejected or cancelled, so the winner may have had one successor.
    const statuses = won.map(({ status }) => status);
    expect([
      ['STOCK_RESERVED'],
      ['REJECTED'],
      ['CANCELLED'],
      ['STOCK_RESERVED', 'REJECTED'],
      ['STOCK_RESERVED', 'CANCELLED'],
    ]).toContainEqual(statuses.toSorted().reverse());
    expect((await store.findById(placed._id))?.timeline).toHaveLength(1 + won.length);
  });

  it("leaves another customer's order alone", async () => {
    const { store } = await newStore();
    const placed = order('ada', 'k1');
    await store.insertOrFind(placed);
    const stranger = { orderId: placed._id, customerId: 'grace', to: 'CANCELLED', at: LATER } as const;
    expect(await store.transition(stranger)).toBeNull();
    expect(await store.findById(placed._id)).toEqual(placed);
  });
});
