import type {
  Collection,
  CollectionDefinition,
  Database,
  StoredDocument,
} from '../../platform/database/database.js';
import { silentLogger } from '../../platform/logger.js';
import { held } from '../../test/support/held.js';
import { onBothDatabases } from '../../test/support/onBothDatabases.js';
import { newTestOrder } from '../../test/support/orders/newTestOrder.js';
import { until } from '../../test/support/until.js';
import { cancelOrder } from './cancelOrder.js';
import { ORDERS, ORDERS_COLLECTIONS, RELAY } from './collections.js';
import { type OrderDocument, outboxEntry } from './orderDocument.js';
import type { Job } from './queue/jobQueue.js';
import { startReconciler } from './reconciler.js';
import { type Relay, startRelay } from './relay.js';
import { createOrderStore } from './store.js';

const NEVER = new AbortController().signal;
const START = new Date('2026-03-01T12:00:00Z').getTime();

onBothDatabases('the relay', (open) => {
  const started: Relay[] = [];
  afterEach(async () => {
    await Promise.all(started.splice(0).map((relay) => relay.close()));
  });

  async function openRelay({ leaseMs = 5_000 } = {}) {
    const database = await open(ORDERS_COLLECTIONS);
    const store = createOrderStore(database);
    const added: Job[] = [];
    const queue = {
      down: false,
      add: async (job: Job) => {
        if (queue.down) throw new Error('the queue is away');
        added.push(job);
      },
    };
    let caughtUp = 0;
    const backlog: { work?: (signal: AbortSignal) => Promise<void> } = {};
    const start = () => {
      const relay = startRelay({
        database,
        queue,
        catchUp: async (signal) => {
          caughtUp += 1;
          await backlog.work?.(signal);
        },
        leaseMs,
        retryMs: 10,
        logger: silentLogger(),
      });
      started.push(relay);
      return relay;
    };
    const relays = database.collection<{
      _id: string;
      cursor: string | null;
      owner: string | null;
      until: Date;
    }>(RELAY);
    const place = (key: string) => store.insertOrFind(newTestOrder('ada', key, { at: new Date(START) }));
    const works = () => until('the relay works', async () => (await relays.findOne({}))?.cursor != null);
    return { store, queue, added, backlog, start, place, works, relays, caughtUp: () => caughtUp };
  }

  it('hands on what was placed and cancelled, each once, and no other change', async () => {
    const { store, added, start, place, works } = await openRelay();
    start();
    await works();
    const { _id } = await place('a');
    await store.transition({ orderId: _id, to: 'STOCK_RESERVED', at: new Date(START) });
    await cancelOrder(store, { customerId: 'ada', orderId: _id, now: new Date(START), causal: {} });
    const last = await place('b');
    await until('all is handed on', () => added.some(({ orderId }) => orderId === last._id));
    expect(added).toEqual([
      { id: `${_id}/ORDER_PLACED`, orderId: _id },
      { id: `${_id}/ORDER_CANCELLED`, orderId: _id },
      { id: `${last._id}/ORDER_PLACED`, orderId: last._id },
    ]);
  });

  it('begins by catching up, and after a restart goes on from its cursor', async () => {
    const { added, start, place, works, caughtUp } = await openRelay();
    const first = start();
    await works();
    await first.close();
    expect(caughtUp()).toBe(1);
    const meanwhile = await place('meanwhile');
    start();
    await until('what came meanwhile is handed on', () => added.length > 0);
    expect(added.map(({ orderId }) => orderId)).toEqual([meanwhile._id]);
    expect(caughtUp()).toBe(1);
  });

  it('does not move past what the queue has not taken', async () => {
    const { queue, added, start, place, works } = await openRelay();
    start();
    await works();
    queue.down = true;
    const placed = [await place('a'), await place('b')];
    await new Promise(setImmediate);
    expect(added).toEqual([]);
    queue.down = false;
    await until('both are handed on', () => added.length >= 2);
    expect([...new Set(added.map(({ orderId }) => orderId))]).toEqual(placed.map(({ _id }) => _id));
  });

  it('is one at a time: another one stands by, and goes on when the first is gone', async () => {
    const { added, start, place, works, relays } = await openRelay();
    const first = start();
    await works();
    const owner = (await relays.findOne({}))?.owner;
    start();
    const a = await place('a');
    await until('it is handed on', () => added.length > 0);
    expect((await relays.findOne({}))?.owner).toBe(owner);
    await first.close();
    const b = await place('b');
    await until('the other one hands on', () => added.some(({ orderId }) => orderId === b._id));
    expect(added.filter(({ orderId }) => orderId === a._id)).toHaveLength(1);
  });

  it('keeps its lease while it catches up for longer than that, and another one stands by', async () => {
    const { backlog, start, works, relays, caughtUp } = await openRelay({ leaseMs: 3_000 });
    const long = held();
    backlog.work = () => long.promise;
    start();
    await until('it catches up', () => caughtUp() === 1);
    const { owner, until: first } = (await relays.findOne({})) ?? {};
    start();
    // Well past the lease that it took.
    const past = (first?.getTime() ?? 0) + 3_000;
    await until('it was renewed', async () => ((await relays.findOne({}))?.until.getTime() ?? 0) > past);
    expect(await relays.findOne({})).toMatchObject({ owner, cursor: null });
    expect(caughtUp()).toBe(1);
    long.release();
    await works();
    expect(await relays.findOne({})).toMatchObject({ owner });
    expect(caughtUp()).toBe(1);
  });

  it('saves no cursor, and stops, when it lost its lease while it caught up', async () => {
    const { backlog, start, relays, caughtUp } = await openRelay({ leaseMs: 1_500 });
    let stopped: unknown;
    backlog.work = (signal) =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => {
          stopped = signal.reason;
          reject(signal.reason);
        });
      });
    start();
    await until('it catches up', () => caughtUp() === 1);
    const later = new Date(Date.now() + 60_000);
    await relays.updateOne(
      { _id: 'orders' },
      { $set: { owner: 'another', until: later, cursor: 'its own' } },
    );
    await until('it noticed', () => stopped !== undefined);
    expect(stopped).toMatchObject({ message: 'another process relays now' });
    expect(await relays.findOne({})).toMatchObject({ owner: 'another', until: later, cursor: 'its own' });
  });

  it('ends at once when asked to, in the middle of a backlog, and leaves the rest to the next', async () => {
    const { backlog, start, works, relays, caughtUp } = await openRelay({ leaseMs: 1_500 });
    backlog.work = (signal) =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason));
      });
    const first = start();
    await until('it catches up', () => caughtUp() === 1);
    await first.close();
    expect(await relays.findOne({})).toMatchObject({ owner: null, cursor: null });
    delete backlog.work;
    start();
    await works();
    expect(caughtUp()).toBe(2);
  });

  it.each(['for the first time', 'with a cursor'])(
    'ends when asked to while it takes the lease %s, and leaves it to the next',
    async (when) => {
      const database = await open(ORDERS_COLLECTIONS);
      const taking = held();
      const taken = held();
      const slow: Database = {
        ...database,
        collection<T extends StoredDocument>(definition: CollectionDefinition): Collection<T> {
          const collection = database.collection<T>(definition);
          return {
            ...collection,
            async findOneAndUpdate(...update) {
              taking.release();
              await taken.promise;
              return collection.findOneAndUpdate(...update);
            },
          };
        },
      };
      const options = {
        queue: { add: async () => undefined },
        catchUp: async () => undefined,
        leaseMs: 5_000,
        retryMs: 10,
        logger: silentLogger(),
      };
      const relays = database.collection<StoredDocument & { cursor: string | null }>(RELAY);
      if (when === 'with a cursor') {
        const first = startRelay({ ...options, database });
        started.push(first);
        await until('it relays', async () => (await relays.findOne({}))?.cursor != null);
        await first.close();
      }
      const relay = startRelay({ ...options, database: slow });
      await taking.promise;
      const closed = relay.close();
      taken.release();
      await closed;
      expect(await relays.findOne({})).toMatchObject({ owner: null });
    },
  );

  it('catches up when its cursor is lost', async () => {
    const { start, works, relays, caughtUp } = await openRelay();
    const first = start();
    await works();
    await first.close();
    await relays.updateOne({ _id: 'orders' }, { $set: { cursor: 'of another database' } });
    start();
    await until('it caught up', () => caughtUp() === 2);
  });
});

onBothDatabases('the reconciler', (open) => {
  it('gives a job to old work that is left, and to no other', async () => {
    const store = createOrderStore(await open(ORDERS_COLLECTIONS));
    const added: string[] = [];
    const at = (ageMs: number) => ({ at: new Date(START - ageMs) });
    const old = await store.insertOrFind(newTestOrder('ada', 'old', at(60_000)));
    const young = await store.insertOrFind(newTestOrder('ada', 'young', at(1_000)));
    const done = await store.insertOrFind(newTestOrder('ada', 'done', at(60_000)));
    await store.transition({ orderId: done._id, to: 'REJECTED', at: new Date(START) });
    await store.finish(done._id, []);
    // Old as well, but somebody is at it: perhaps its mail is being sent.
    const moving = await store.insertOrFind(newTestOrder('ada', 'moving', at(60_000)));
    await store.transition({ orderId: moving._id, to: 'STOCK_RESERVED', ...at(1_000) });
    const reconciler = startReconciler({
      store,
      queue: { add: async ({ id }) => void added.push(id) },
      intervalMs: 5,
      minAgeMs: 15_000,
      clock: () => new Date(START),
      logger: silentLogger(),
    });
    await until('it looked', () => added.length > 0);
    const found = new Set(added);
    added.length = 0;
    await reconciler.catchUp(NEVER);
    await reconciler.close();
    expect(found).toEqual(new Set([`${old._id}/ORDER_PLACED`]));
    expect(new Set(added)).toEqual(new Set([old, young, moving].map(({ _id }) => `${_id}/ORDER_PLACED`)));
  });

  it('hands on which trace the work belongs to, as the relay does', async () => {
    const store = createOrderStore(await open(ORDERS_COLLECTIONS));
    const order = newTestOrder('ada', 'traced', { at: new Date(START) });
    const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
    await store.insertOrFind({ ...order, outbox: order.outbox.map((entry) => ({ ...entry, traceparent })) });
    const added: Job[] = [];
    const reconciler = startReconciler({
      store,
      queue: { add: async (job) => void added.push(job) },
      clock: () => new Date(START),
      logger: silentLogger(),
    });
    await reconciler.catchUp(NEVER);
    await reconciler.close();
    expect(added).toEqual([{ id: `${order._id}/ORDER_PLACED`, orderId: order._id, traceparent }]);
  });

  it('finds all of more than a page, also those placed at one moment', async () => {
    const database = await open(ORDERS_COLLECTIONS);
    const store = createOrderStore(database);
    const orders = Array.from({ length: 620 }, (_, key) =>
      newTestOrder(`customer-${key % 50}`, `${key}`, {
        at: new Date(START - 60_000 + Math.floor(key / 100)),
      }),
    );
    await database.collection<OrderDocument>(ORDERS).insertMissing(orders);
    const added = new Set<string>();
    const reconciler = startReconciler({
      store,
      queue: { add: async ({ id }) => void added.add(id) },
      intervalMs: 60_000,
      clock: () => new Date(START),
      logger: silentLogger(),
    });
    await reconciler.catchUp(NEVER);
    await reconciler.close();
    expect(added.size).toBe(orders.length);
  });

  it('finds what comes after more than a page of orders that each have two things left', async () => {
    const database = await open(ORDERS_COLLECTIONS);
    const store = createOrderStore(database);
    const given = Array.from({ length: 510 }, (_, key): OrderDocument => {
      const order = newTestOrder('ada', `given up ${key}`, { at: new Date(START - 90_000 + key) });
      const entry = outboxEntry(order._id, 'ORDER_GIVEN_UP', new Date(START - 60_000));
      return { ...order, status: 'REJECTED', outbox: [...order.outbox, entry] };
    });
    const later = newTestOrder('grace', 'later', { at: new Date(START - 70_000) });
    await database.collection<OrderDocument>(ORDERS).insertMissing([...given, later]);
    const added = new Set<string>();
    const reconciler = startReconciler({
      store,
      queue: { add: async ({ id }) => void added.add(id) },
      intervalMs: 60_000,
      clock: () => new Date(START),
      logger: silentLogger(),
    });
    await reconciler.catchUp(NEVER);
    await reconciler.close();
    expect(added).toContain(`${later._id}/ORDER_PLACED`);
    expect(added.size).toBe(given.length * 2 + 1);
  });
});
