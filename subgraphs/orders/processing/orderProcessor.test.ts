import { silentLogger } from '../../../platform/logger.js';
import { held } from '../../../test/support/held.js';
import { onBothDatabases } from '../../../test/support/onBothDatabases.js';
import { newTestOrder } from '../../../test/support/orders/newTestOrder.js';
import { cancelOrder } from '../cancelOrder.js';
import { ORDERS_COLLECTIONS } from '../collections.js';
import type { Mail } from '../mail/mailer.js';
import type { OrderDocument } from '../orderDocument.js';
import type { CancelResult, ChargeResult } from '../payment/paymentProvider.js';
import type { Delivery } from '../queue/jobQueue.js';
import { PermanentFailure } from '../queue/permanentFailure.js';
import { Postponement } from '../queue/postponement.js';
import { rejectionOf } from '../rejectionOf.js';
import type { HoldResult } from '../stock/stockReservations.js';
import { createOrderStore } from '../store.js';
import { createOrderProcessor } from './orderProcessor.js';

const START = new Date('2026-03-01T12:00:00Z').getTime();
const HOLD_MS = 60_000;

/** The world as the work on an order sees it; what it was asked, in order. */
class World {
  readonly calls: string[] = [];
  readonly mails: Mail[] = [];
  readonly deadlines: Date[] = [];
  holds: HoldResult[] = ['held'];
  reserve: () => Promise<HoldResult[]> = async () => this.holds;
  committed: boolean[] = [true];
  charge: () => Promise<ChargeResult> = async () => 'charged';
  cancelled: CancelResult = 'nothing charged';
  /** Fails the call of this name, before or after it was carried out nobody knows. */
  failing: string | undefined;
  /** Runs right after the call of this name. */
  after: Readonly<Record<string, () => Promise<unknown>>> = {};

  async call<T>(name: string, result: () => T | Promise<T>): Promise<T> {
    this.calls.push(name);
    if (this.failing === name) throw new Error(`${name} failed`);
    const value = await result();
    await this.after[name]?.();
    return value;
  }
}

onBothDatabases('the work on an order', (open) => {
  async function openWorld() {
    const store = createOrderStore(await open(ORDERS_COLLECTIONS));
    const world = new World();
    const clock = { now: START };
    const reached: string[] = [];
    const process = createOrderProcessor({
      store,
      stock: {
        reserve: (_id, _lines, expiresAt) =>
          world.call('reserve', () => {
            world.deadlines.push(expiresAt);
            return world.reserve();
          }),
        commit: () => world.call('commit', () => world.committed),
        release: (_id, lines) => world.call(`release ${lines.length}`, () => undefined),
      },
      payments: {
        charge: () => world.call('charge', () => world.charge()),
        cancel: () => world.call('cancel', () => world.cancelled),
        onSettled: () => undefined,
        close: async () => undefined,
      },
      mailer: {
        description: 'test',
        send: (mail) => world.call('send', () => void world.mails.push(mail)),
        close: async () => undefined,
      },
      settings: { reservationMs: HOLD_MS, mailDomain: 'shop.test' },
      now: () => new Date(clock.now),
      logger: silentLogger(),
      reached: (status) => reached.push(status),
    });
    async function place(items = 1): Promise<OrderDocument> {
      return store.insertOrFind(newTestOrder('ada', `key-${items}`, { at: new Date(START), items }));
    }
    const run = (orderId: string, delivery: Partial<Delivery> = {}) =>
      process({ id: 'job', orderId, attempt: 1, last: false, ...delivery });
    async function find(orderId: string): Promise<OrderDocument> {
      const order = await store.findById(orderId);
      if (order === null) throw new Error('gone');
      return order;
    }
    return { store, world, clock, reached, place, run, find };
  }

  it('reserves, charges, commits and mails, and tells all of it', async () => {
    const { world, reached, place, run, find } = await openWorld();
    const { _id } = await place();
    await run(_id);
    const order = await find(_id);
    expect(order).toMatchObject({ status: 'CONFIRMED', outbox: [] });
    expect(order.timeline.map(({ status }) => status)).toEqual([
      'PLACED',
      'STOCK_RESERVED',
      'PAID',
      'CONFIRMED',
    ]);
    expect(order.steps.map(({ name, key }) => [name, key])).toEqual([
      ['RESERVED', _id],
      ['CHARGED', _id],
      ['COMMITTED', _id],
      ['EMAILED', `order.${_id}.confirmed@shop.test`],
    ]);
    expect(world.calls).toEqual(['reserve', 'charge', 'commit', 'send']);
    expect(world.mails).toMatchObject([
      { to: 'ada@shop.test', text: expect.stringContaining('Total: 10.00 EUR') },
    ]);
    expect(reached).toEqual(['STOCK_RESERVED', 'PAID', 'CONFIRMED']);
  });

  it('finds nothing to do the second time', async () => {
    const { world, place, run, find } = await openWorld();
    const { _id } = await place();
    await run(_id);
    const before = await find(_id);
    await run(_id);
    expect(world.calls).toHaveLength(4);
    expect(await find(_id)).toEqual(before);
  });

  it.each(['reserve', 'charge', 'commit', 'send'])(
    'goes on where it was when %s failed, and keeps the deadline of the reservation',
    async (name) => {
      const { world, clock, place, run, find } = await openWorld();
      const { _id } = await place();
      world.failing = name;
      await expect(run(_id)).rejects.toThrow(`${name} failed`);
      const calls = world.calls.length;
      world.failing = undefined;
      clock.now += 1_000;
      await run(_id, { attempt: 2 });
      expect(await find(_id)).toMatchObject({ status: 'CONFIRMED', outbox: [] });
      // What had been noted was not asked for again.
      expect(world.calls[calls]).toBe(name);
      expect(world.deadlines.every((deadline) => deadline.getTime() === START + HOLD_MS)).toBe(true);
    },
  );

  it('is done once when two workers have it at the same time', async () => {
    const { world, place, run, find } = await openWorld();
    const { _id } = await place();
    await Promise.all([run(_id), run(_id)]);
    const order = await find(_id);
    expect(order.timeline.map(({ status }) => status)).toEqual([
      'PLACED',
      'STOCK_RESERVED',
      'PAID',
      'CONFIRMED',
    ]);
    expect(order.steps.map(({ name }) => name)).toEqual(['RESERVED', 'CHARGED', 'COMMITTED', 'EMAILED']);
    expect(world.mails).toHaveLength(1);
  });

  it.each(['reserve', 'charge', 'commit'])(
    'leaves the mail to the worker that confirmed the order, when one had it that was held up in %s',
    async (name) => {
      const { world, place, run, find } = await openWorld();
      const { _id } = await place();
      const other = held();
      const sending = held();
      const sent = held();
      world.after = {
        [name]: async () => {
          // The first one alone is held up; the other one goes on until it sends.
          if (world.calls.filter((call) => call === name).length > 1) return;
          other.release();
          await sending.promise;
        },
        send: async () => {
          if (world.mails.length > 1) return;
          sending.release();
          await sent.promise;
        },
      };
      const heldUp = run(_id);
      await other.promise;
      const confirms = run(_id);
      await heldUp;
      sent.release();
      await confirms;
      expect(world.mails).toHaveLength(1);
      expect(await find(_id)).toMatchObject({ status: 'CONFIRMED', outbox: [] });
    },
  );

  it('is not rejected by a worker that was held up, and finds its goods committed by another one', async () => {
    const { world, place, run, find } = await openWorld();
    const { _id } = await place();
    const asking = held();
    const committed = held();
    let asked = 0;
    world.reserve = async () => {
      asked += 1;
      if (asked > 1) return ['held'];
      asking.release();
      await committed.promise;
      return ['over'];
    };
    const heldUp = run(_id);
    world.after = {
      commit: async () => {
        world.after = {};
        committed.release();
        await heldUp;
      },
    };
    await asking.promise;
    await run(_id);
    expect(await find(_id)).toMatchObject({ status: 'CONFIRMED', outbox: [] });
    expect(world.mails).toHaveLength(1);
  });

  it('is not rejected as paid too late by a worker that was held up, when another one has charged it in time', async () => {
    const { store, world, clock, place, run, find } = await openWorld();
    const { _id } = await place();
    const reserved = held();
    const charged = held();
    const transition = store.transition.bind(store);
    // Held up between its last look at the order and at the clock.
    jest.spyOn(store, 'transition').mockImplementationOnce(async (...args) => {
      const order = await transition(...args);
      reserved.release();
      await charged.promise;
      return order;
    });
    const heldUp = run(_id);
    await reserved.promise;
    world.after = {
      commit: async () => {
        world.after = {};
        clock.now += HOLD_MS;
        charged.release();
        await heldUp;
      },
    };
    await run(_id);
    expect(await find(_id)).toMatchObject({ status: 'CONFIRMED', outbox: [] });
    expect(world.mails).toHaveLength(1);
  });

  it('gives everything back when another worker has rejected what this one could not reserve any more', async () => {
    const { store, world, place, run, find } = await openWorld();
    const { _id } = await place(2);
    world.cancelled = 'refunded';
    world.reserve = async () => {
      const at = new Date(START);
      const step = { name: 'RESERVED', key: _id, at } as const;
      await store.transition({ orderId: _id, to: 'STOCK_RESERVED', at, step });
      await store.transition({ orderId: _id, to: 'PAID', at });
      // Paid too late: a part was committed, and the other worker died before it gave anything back.
      await store.transition({
        orderId: _id,
        to: 'REJECTED',
        at,
        rejection: rejectionOf('PAYMENT_TOO_LATE'),
      });
      return ['over', 'over'];
    };
    await run(_id);
    expect(world.calls).toEqual(['reserve', 'cancel', 'release 2']);
    const { outbox, steps } = await find(_id);
    expect(outbox).toEqual([]);
    expect(steps.map(({ name }) => name)).toEqual(['RESERVED', 'REFUNDED', 'RELEASED']);
  });

  it('rejects what is not in stock, and gives back what was held of it', async () => {
    const { world, place, run, find } = await openWorld();
    const { _id } = await place(3);
    world.holds = ['held', 'short', 'held'];
    await run(_id);
    expect(await find(_id)).toMatchObject({
      status: 'REJECTED',
      rejection: { code: 'OUT_OF_STOCK' },
      outbox: [],
    });
    expect(world.calls).toEqual(['reserve', 'release 2']);
  });

  it('gives back all lines when it died right after the rejection', async () => {
    const { world, place, run, find } = await openWorld();
    const { _id } = await place(3);
    world.holds = ['held', 'short', 'held'];
    world.failing = 'release 2';
    await expect(run(_id)).rejects.toThrow('release 2 failed');
    world.failing = undefined;
    await run(_id, { attempt: 2 });
    expect(await find(_id)).toMatchObject({ status: 'REJECTED', outbox: [] });
    expect(world.calls.at(-1)).toBe('release 3');
  });

  it('rejects a declined payment, with the stock given back', async () => {
    const { world, place, run, find } = await openWorld();
    const { _id } = await place();
    world.charge = async () => 'declined';
    await run(_id);
    const order = await find(_id);
    expect(order).toMatchObject({ status: 'REJECTED', rejection: { code: 'PAYMENT_DECLINED' }, outbox: [] });
    expect(order.steps.map(({ name }) => name)).toEqual(['RESERVED', 'RELEASED']);
    expect(world.mails).toEqual([]);
  });

  it('waits for a pending payment, with its job done and its work left, and goes on once that is settled', async () => {
    const { world, place, run, find } = await openWorld();
    const { _id } = await place();
    world.charge = async () => 'pending';
    await run(_id);
    expect(await find(_id)).toMatchObject({ status: 'STOCK_RESERVED', outbox: [{ type: 'ORDER_PLACED' }] });
    world.charge = async () => 'charged';
    await run(_id);
    expect(await find(_id)).toMatchObject({ status: 'CONFIRMED' });
  });

  it('does not wait for a payment longer than for its goods, and forbids that it comes later', async () => {
    const { world, clock, place, run, find } = await openWorld();
    const { _id } = await place();
    world.charge = async () => 'pending';
    await run(_id);
    clock.now += HOLD_MS;
    await run(_id);
    expect(await find(_id)).toMatchObject({ status: 'REJECTED', rejection: { code: 'PAYMENT_TOO_LATE' } });
    expect(world.calls.slice(2)).toEqual(['cancel', 'release 1']);
  });

  it('refunds a payment that arrives after its reservation has expired', async () => {
    const { world, place, run, find } = await openWorld();
    const { _id } = await place();
    world.committed = [false];
    world.cancelled = 'refunded';
    await run(_id);
    const order = await find(_id);
    expect(order).toMatchObject({ status: 'REJECTED', rejection: { code: 'PAYMENT_TOO_LATE' }, outbox: [] });
    expect(order.steps.map(({ name }) => name)).toEqual(['RESERVED', 'CHARGED', 'REFUNDED', 'RELEASED']);
    expect(world.mails).toEqual([]);
  });

  it.each(['reserve', 'charge', 'commit'])(
    'gives everything back, once, when its customer cancels right after %s',
    async (name) => {
      const { store, world, place, run, find } = await openWorld();
      const { _id } = await place();
      const request = { customerId: 'ada', orderId: _id, now: new Date(START), causal: {} };
      world.cancelled = name === 'reserve' ? 'nothing charged' : 'refunded';
      world.after = { [name]: () => cancelOrder(store, request) };
      await run(_id);
      await run(_id);
      const order = await find(_id);
      expect(order).toMatchObject({ status: 'CANCELLED', outbox: [] });
      expect(world.calls.filter((call) => call === 'release 1')).toHaveLength(1);
      expect(world.calls.includes('send')).toBe(false);
      // Before it is noted as reserved, nothing can have been charged.
      expect(world.calls.filter((call) => call === 'cancel')).toHaveLength(name === 'reserve' ? 0 : 1);
      expect(order.steps.some((step) => step.name === 'REFUNDED')).toBe(name !== 'reserve');
    },
  );

  it('asks nothing of anybody for an order that was cancelled before its work began', async () => {
    const { store, world, place, run, find } = await openWorld();
    const { _id } = await place();
    await cancelOrder(store, { customerId: 'ada', orderId: _id, now: new Date(START), causal: {} });
    await run(_id);
    expect(await find(_id)).toMatchObject({ status: 'CANCELLED', outbox: [] });
    expect(world.calls).toEqual([]);
  });

  it('rejects an order whose last try failed, and leaves a job of its own to give everything back', async () => {
    const { world, place, run, find } = await openWorld();
    const { _id } = await place();
    world.failing = 'charge';
    await expect(run(_id, { attempt: 12, last: true })).rejects.toThrow('charge failed');
    const given = await find(_id);
    expect(given).toMatchObject({ status: 'REJECTED', rejection: { code: 'NOT_PROCESSED' } });
    expect(given.outbox.map(({ id }) => id)).toEqual([`${_id}/ORDER_PLACED`, `${_id}/ORDER_GIVEN_UP`]);
    world.cancelled = 'refunded';
    await run(_id);
    expect(await find(_id)).toMatchObject({ status: 'REJECTED', outbox: [] });
    expect(world.calls.slice(-2)).toEqual(['cancel', 'release 1']);
  });

  it('leaves a confirmed order confirmed, whatever becomes of its mail', async () => {
    const { world, place, run, find } = await openWorld();
    const { _id } = await place();
    world.failing = 'send';
    await expect(run(_id, { last: true })).rejects.toThrow('send failed');
    expect(await find(_id)).toMatchObject({ status: 'CONFIRMED', outbox: [{ type: 'ORDER_PLACED' }] });
    world.failing = undefined;
    await run(_id);
    expect(await find(_id)).toMatchObject({ status: 'CONFIRMED', outbox: [] });
    expect(world.mails).toHaveLength(1);
  });

  it('never lets the last try of an order go to the dead letters while the order cannot be told', async () => {
    const { store, world, place, run, find } = await openWorld();
    const { _id } = await place();
    world.failing = 'charge';
    await expect(run(_id)).rejects.toThrow('charge failed');
    const away = jest.spyOn(store, 'findById').mockRejectedValue(new Error('the database is away'));
    await expect(run(_id, { attempt: 11 })).rejects.toThrow('the database is away');
    await expect(run(_id, { attempt: 12, last: true })).rejects.toThrow(Postponement);
    away.mockRestore();
    await expect(run(_id, { attempt: 12, last: true })).rejects.toThrow('charge failed');
    expect(await find(_id)).toMatchObject({ status: 'REJECTED', rejection: { code: 'NOT_PROCESSED' } });
  });

  it('looks again for an order that it does not find: a new primary may still be behind', async () => {
    const { run } = await openWorld();
    const missing = run(newTestOrder('ada', 'never placed')._id);
    await expect(missing).rejects.toThrow('there is no such order');
    await expect(missing).rejects.not.toBeInstanceOf(PermanentFailure);
  });
});
