import type { Collection } from '../../platform/database/database.js';
import type { Clock } from '../shared/clock.js';
import { TOMBSTONE_GRACE_MS } from './reservations.js';
import type { Hold, Outcome, SettlementDocument, StockDocument } from './stockDocument.js';
import { HAS_ROOM, type TombstoneArchive } from './tombstoneArchive.js';

export interface ReservationStores {
  readonly stock: Collection<StockDocument>;
  readonly settlements: Collection<SettlementDocument>;
  readonly archive: TombstoneArchive;
  readonly now: Clock;
}

/**
 * Ends a hold in one step: the hold becomes a tombstone and its units go where the outcome says.
 * The filter repeats what was read, so the sums stay right whoever else settles it at the same time.
 * @returns whether this call did it
 */
export async function settleHold(
  { stock, archive, now }: ReservationStores,
  productId: string,
  hold: Hold,
  outcome: Outcome,
): Promise<boolean> {
  const { id, quantity, expiresAt } = hold;
  const keepUntil = new Date(expiresAt.getTime() + TOMBSTONE_GRACE_MS);
  do {
    const { matched } = await stock.updateOne(
      { _id: productId, held: { $elemMatch: { id, quantity } }, ...HAS_ROOM },
      {
        $pull: { held: { id } },
        $push: { settled: { id, outcome, keepUntil } },
        $inc: { version: 1, ...(outcome === 'committed' ? { onHand: -quantity } : { available: quantity }) },
        $set: { updatedAt: now() },
      },
    );
    if (matched === 1) return true;
  } while (await archive.makeRoom(productId));
  return false;
}
