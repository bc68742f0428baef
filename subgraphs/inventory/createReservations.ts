import type { Filter, Update } from '../../platform/database/database.js';
import {
  MAX_HOLD_MS,
  MAX_HOLDS_PER_PRODUCT,
  type Reservation,
  type Reservations,
  type ReserveResult,
  type SettleResult,
  TOMBSTONE_GRACE_MS,
} from './reservations.js';
import { type ReservationStores, settleHold } from './settleHold.js';
import type { Outcome, StockDocument, Tombstone } from './stockDocument.js';
import { HAS_ROOM, settlementId } from './tombstoneArchive.js';

export function createReservations(stores: ReservationStores): Reservations {
  const { stock, settlements, archive, now } = stores;

  /** What a decision on "it is not over yet" depends on; read before the settlements are. */
  async function levelOf(productId: string): Promise<Level | null> {
    return stock.findOne({ _id: productId }, { projection: { available: 1, archives: 1 } });
  }

  async function archived(productId: string, id: string): Promise<Outcome | undefined> {
    return (await settlements.findOne({ _id: settlementId(productId, id) }))?.outcome;
  }

  async function reserve(reservation: Reservation): Promise<ReserveResult> {
    const { productId, reservationId: id, quantity, expiresAt } = reservation;
    const time = now();
    check(reservation, time);
    if (expiresAt <= time) return known(await stateOf(productId, id)) ?? 'expired';
    const level = await levelOf(productId);
    if (level === null) return 'unknown';
    if (await archived(productId, id)) return known(await stateOf(productId, id)) ?? 'expired';
    const { matched } = await stock.updateOne(
      {
        ...absent(productId, id, level),
        available: { $gte: quantity },
        [`held.${MAX_HOLDS_PER_PRODUCT - 1}`]: { $exists: false },
      },
      {
        $inc: { available: -quantity, version: 1 },
        $push: { held: { id, quantity, expiresAt } },
        $set: { updatedAt: time },
      },
    );
    if (matched === 1) return 'reserved';
    // The level first: units that this very reservation has taken meanwhile are then seen to be its own.
    const after = await levelOf(productId);
    const state = known(await stateOf(productId, id));
    if (state !== undefined) return state;
    if (after === null) return 'unknown';
    if (after.available < quantity) return 'insufficient';
    return after.archives === level.archives ? 'busy' : reserve(reservation);
  }

  /** The stock document is asked first: tombstones move from there, and where they come back they say what counts. */
  async function stateOf(productId: string, id: string): Promise<'held' | Outcome | undefined> {
    const holder = await stock.findOne({ _id: productId, $or: [{ 'held.id': id }, { 'settled.id': id }] });
    if (holder?.held.some((hold) => hold.id === id)) return 'held';
    const tombstone = holder?.settled.find((entry) => entry.id === id);
    return tombstone ? tombstone.outcome : archived(productId, id);
  }

  async function settle(productId: string, id: string, outcome: Outcome): Promise<boolean> {
    const holder = await stock.findOne({ _id: productId, 'held.id': id }, { projection: { held: 1 } });
    const hold = holder?.held.find((entry) => entry.id === id);
    return hold !== undefined && settleHold(stores, productId, hold, outcome);
  }

  async function commit(productId: string, id: string): Promise<SettleResult> {
    if (await settle(productId, id, 'committed')) return 'committed';
    const state = await stateOf(productId, id);
    // Held after all: its reserve came between the two reads.
    return state === 'held' ? commit(productId, id) : (state ?? 'unknown');
  }

  async function release(productId: string, id: string): Promise<SettleResult> {
    if (await settle(productId, id, 'released')) return 'released';
    const level = await levelOf(productId);
    const state = await stateOf(productId, id);
    if (state === 'held') return release(productId, id);
    if (state !== undefined || level === null) return state ?? 'unknown';
    // Leaves a tombstone for a reservation that has not come yet: its deadline, fixed already, is at most a hold away.
    const keepUntil = new Date(now().getTime() + MAX_HOLD_MS + TOMBSTONE_GRACE_MS);
    const forbidden = await bury(productId, level, { id, outcome: 'released', keepUntil }, {});
    return forbidden ? 'released' : release(productId, id);
  }

  /** Adds a tombstone for an id that has nothing in the document; `false` when it had, or tombstones have left meanwhile. */
  async function bury(
    productId: string,
    level: Level,
    tombstone: Tombstone,
    update: Update,
  ): Promise<boolean> {
    const { matched } = await stock.updateOne(
      { ...absent(productId, tombstone.id, level), ...HAS_ROOM },
      { $push: { settled: tombstone }, ...update },
    );
    if (matched === 0) await archive.makeRoom(productId);
    return matched === 1;
  }

  async function takeBack(productId: string, id: string, quantity: number): Promise<SettleResult> {
    const result = await release(productId, id);
    if (result !== 'committed') return result;
    const keepUntil = new Date(now().getTime() + MAX_HOLD_MS + TOMBSTONE_GRACE_MS);
    const tombstone = { id, outcome: 'released', keepUntil, takenBack: true } as const;
    const $inc = { onHand: quantity, available: quantity, version: 1 };
    const { matched } = await stock.updateOne(
      { _id: productId, settled: { $elemMatch: { id, outcome: 'committed' } } },
      { $set: { 'settled.$': tombstone, updatedAt: now() }, $inc },
    );
    if (matched === 1) return 'released';
    // Its tombstone has left the document: one comes back together with the units, in one step.
    const level = await levelOf(productId);
    if (level === null) throw new Error(`the stock of ${productId} is gone`);
    if ((await archived(productId, id)) === 'committed') {
      if (await bury(productId, level, tombstone, { $inc, $set: { updatedAt: now() } })) return 'released';
    }
    return takeBack(productId, id, quantity);
  }

  return { reserve, commit, release, takeBack };
}

type Level = Pick<StockDocument, 'available' | 'archives'>;

/** Matches as long as the document has nothing of this id, and no tombstone has left it since its level was read. */
function absent(productId: string, id: string, { archives }: Level): Filter {
  return {
    _id: productId,
    'held.id': { $ne: id },
    'settled.id': { $ne: id },
    archives: archives ?? null,
  };
}

function known(state: 'held' | Outcome | undefined): 'already' | Outcome | undefined {
  return state === 'held' ? 'already' : state;
}

function check({ quantity, expiresAt }: Reservation, now: Date): void {
  if (!Number.isSafeInteger(quantity) || quantity < 1) {
    throw new RangeError(`a reservation needs a whole quantity of at least 1, not ${quantity}`);
  }
  if (!(expiresAt.getTime() <= now.getTime() + MAX_HOLD_MS)) {
    throw new RangeError(`a reservation lasts at most ${MAX_HOLD_MS} ms`);
  }
}
