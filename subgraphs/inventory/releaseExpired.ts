import { type ReservationStores, settleHold } from './settleHold.js';

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
