import {
  MAX_HOLD_MS,
  MAX_HOLDS_PER_PRODUCT,
  type Reservation,
  type Reservations,
  type ReserveResult,
  type SettleResult,
  TOMBSTONE_GRACE_MS,
} from './reservations.js';
import { type ReservationStores, settleHold, settlementId } from './settleHold.js';
import type { Outcome } from './stockDocument.js';

export function createReservations(stores: ReservationStores): Reservations {
  const { stock, settlements, now } = stores;

  async function reserve(reservation: Reservation): Promise<ReserveResult> {
    const { productId, reservationId: id, quantity, expiresAt } = reservation;
    const time = now();
    check(reservation, time);
    if (expiresAt <= time) {
      const state = await stateOf(productId, id);
      return state === 'held' ? 'already' : (state ?? 'expired');
    }
    const { matched } = await stock.updateOne(
      {
        _id: productId,
        available: { $gte: quantity },
        'held.id': { $ne: id },
        'settled.id': { $ne: id },
        [`held.${MAX_HOLDS_PER_PRODUCT - 1}`]: { $exists: false },
      },
      {
        $inc: { available: -quantity, version: 1 },
        $push: { held: { id, quantity, expiresAt } },
        $set: { updatedAt: time },
      },
    );
    return matched === 1 ? 'reserved' : refusal(productId, id, quantity);
  }

  async function refusal(productId: string, id: string, quantity: number): Promise<ReserveResult> {
    const state = await stateOf(productId, id);
    if (state !== undefined) return state === 'held' ? 'already' : state;
    const level = await stock.findOne({ _id: productId }, { projection: { available: 1 } });
    if (level === null) return 'unknown';
    return level.available < quantity ? 'insufficient' : 'busy';
  }

  /** The stock document is asked first: tombstones only ever move from there to the settlements. */
  async function stateOf(productId: string, id: string): Promise<'held' | Outcome | undefined> {
    const known = await stock.findOne({ _id: productId, $or: [{ 'held.id': id }, { 'settled.id': id }] });
    if (known?.held.some((hold) => hold.id === id)) return 'held';
    const tombstone = known?.settled.find((entry) => entry.id === id);
    if (tombstone) return tombstone.outcome;
    return (await settlements.findOne({ _id: settlementId(productId, id) }))?.outcome;
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
    const state = await stateOf(productId, id);
    if (state === 'held') return release(productId, id);
    return state ?? forbid(productId, id);
  }

  /** Leaves a tombstone for a reservation that has not come yet: its deadline, fixed already, is at most a hold away. */
  async function forbid(productId: string, id: string): Promise<SettleResult> {
    const keepUntil = new Date(now().getTime() + MAX_HOLD_MS + TOMBSTONE_GRACE_MS);
    const { matched } = await stock.updateOne(
      { _id: productId, 'held.id': { $ne: id }, 'settled.id': { $ne: id } },
      { $push: { settled: { id, outcome: 'released', keepUntil } } },
    );
    if (matched === 1) return 'released';
    const exists = await stock.findOne({ _id: productId }, { projection: { _id: 1 } });
    return exists === null ? 'unknown' : release(productId, id);
  }

  async function takeBack(productId: string, id: string, quantity: number): Promise<SettleResult> {
    const result = await release(productId, id);
    if (result !== 'committed') return result;
    const { matched } = await stock.updateOne(
      { _id: productId, settled: { $elemMatch: { id, outcome: 'committed' } } },
      {
        $set: { 'settled.$.outcome': 'released', updatedAt: now() },
        $inc: { onHand: quantity, available: quantity, version: 1 },
      },
    );
    if (matched === 1) return 'released';
    const state = await stateOf(productId, id);
    if (state === 'committed')
      throw new Error(`reservation ${id} of ${productId} ended too long ago to be undone`);
    return takeBack(productId, id, quantity);
  }

  return { reserve, commit, release, takeBack };
}

function check({ quantity, expiresAt }: Reservation, now: Date): void {
  if (!Number.isSafeInteger(quantity) || quantity < 1) {
    throw new RangeError(`a reservation needs a whole quantity of at least 1, not ${quantity}`);
  }
  if (!(expiresAt.getTime() <= now.getTime() + MAX_HOLD_MS)) {
    throw new RangeError(`a reservation lasts at most ${MAX_HOLD_MS} ms`);
  }
}
