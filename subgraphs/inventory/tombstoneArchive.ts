import type { Collection } from '../../platform/database/database.js';
import type { Clock } from '../shared/clock.js';
import { MAX_TOMBSTONES_PER_PRODUCT } from './reservations.js';
import type { SettlementDocument, StockDocument, Tombstone } from './stockDocument.js';

export interface TombstoneArchiveOptions {
  readonly stock: Collection<StockDocument>;
  readonly settlements: Collection<SettlementDocument>;
  readonly now: Clock;
}

/** Where tombstones go that the stock document need not, or cannot, keep. See `Reservations`. */
export interface TombstoneArchive {
  /** Of a document that is full, all of them; `false` for one that is not. */
  makeRoom(productId: string): Promise<boolean>;
  /** Those whose time is over, of all products; returns how many. Safe to run in many processes. */
  archiveSettled(time: Date): Promise<number>;
}

const BATCH = 50;
const LAST_PLACE = `settled.${MAX_TOMBSTONES_PER_PRODUCT - 1}`;

/** The part of a filter that matches while there is room for one more. */
export const HAS_ROOM = { [LAST_PLACE]: { $exists: false } } as const;

export function createTombstoneArchive(options: TombstoneArchiveOptions): TombstoneArchive {
  const { stock, settlements, now } = options;
  const underWay = new Map<string, Promise<boolean>>();

  async function move(productId: string, tombstones: readonly Tombstone[]): Promise<number> {
    const archivedAt = now();
    // Written there before it is removed here: an outcome is in at least one of the two at any moment.
    const moved = await settlements.insertMissing(
      tombstones.map(({ id, outcome }) => ({ _id: settlementId(productId, id), outcome, archivedAt })),
    );
    for (const { id, outcome, takenBack } of tombstones) {
      if (!takenBack) continue;
      const committed = { _id: settlementId(productId, id), outcome: 'committed' };
      await settlements.updateOne(committed, { $set: { outcome, archivedAt } });
    }
    for (const outcome of new Set(tombstones.map((tombstone) => tombstone.outcome))) {
      const ids = tombstones.filter((tombstone) => tombstone.outcome === outcome).map(({ id }) => id);
      // Only as they were read: one that was taken back meanwhile says something else now, and stays.
      const same = { outcome, id: { $in: ids } };
      await stock.updateOne(
        { _id: productId, settled: { $elemMatch: same } },
        { $pull: { settled: same }, $inc: { archives: 1 } },
      );
    }
    return moved;
  }

  async function moveAllOfFull(productId: string): Promise<boolean> {
    const full = await stock.findOne(
      { _id: productId, [LAST_PLACE]: { $exists: true } },
      { projection: { settled: 1 } },
    );
    if (full === null) return false;
    await move(productId, full.settled);
    return true;
  }

  return {
    async makeRoom(productId) {
      // Many find it full at the same moment.
      const running = underWay.get(productId);
      if (running) return running;
      const moving = moveAllOfFull(productId).finally(() => underWay.delete(productId));
      underWay.set(productId, moving);
      return moving;
    },

    async archiveSettled(time) {
      let archived = 0;
      for (;;) {
        const due = await stock.find(
          { 'settled.keepUntil': { $lte: time } },
          { limit: BATCH, projection: { settled: 1 } },
        );
        if (due.length === 0) return archived;
        for (const { _id, settled } of due) {
          archived += await move(
            _id,
            settled.filter(({ keepUntil }) => keepUntil <= time),
          );
        }
      }
    },
  };
}

export function settlementId(productId: string, reservationId: string): string {
  return `${productId}/${reservationId}`;
}
