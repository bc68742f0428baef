import { type ReservationStores, settleHold, settlementId } from './settleHold.js';

const BATCH = 50;

/** Gives back every hold whose deadline is not after `time`; returns how many. Safe to run in many processes. */
export async function releaseExpired(stores: ReservationStores, time: Date): Promise<number> {
  let released = 0;
  for (;;) {
    const holders = await stores.stock.find(
      { 'held.expiresAt': { $lte: time } },
      { limit: BATCH, projection: { held: 1 } },
    );
    if (holders.length === 0) return released;
    for (const { _id, held } of holders) {
      for (const hold of held.filter(({ expiresAt }) => expiresAt <= time)) {
        if (await settleHold(stores, _id, hold, 'expired')) released += 1;
      }
    }
  }
}

/** Moves tombstones that no `reserve` can meet any more to the settlements; returns how many. */
export async function archiveSettled(stores: ReservationStores, time: Date): Promise<number> {
  const { stock, settlements, now } = stores;
  let archived = 0;
  for (;;) {
    const due = await stock.find(
      { 'settled.keepUntil': { $lte: time } },
      { limit: BATCH, projection: { settled: 1 } },
    );
    if (due.length === 0) return archived;
    for (const { _id, settled } of due) {
      const over = settled.filter(({ keepUntil }) => keepUntil <= time);
      // Written there before it is removed here: an outcome is in at least one of the two at any moment.
      archived += await settlements.insertMissing(
        over.map(({ id, outcome }) => ({ _id: settlementId(_id, id), outcome, archivedAt: now() })),
      );
      await stock.updateOne({ _id }, { $pull: { settled: { id: { $in: over.map(({ id }) => id) } } } });
    }
  }
}
