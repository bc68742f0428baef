import type { CausalContext, Database } from '../../platform/database/database.js';
import { DuplicateKeyError } from '../../platform/database/errors.js';
import { type Clock, systemClock } from '../shared/clock.js';
import { SETTLEMENTS, STOCK } from './collections.js';
import { createReservations } from './createReservations.js';
import { releaseExpired } from './releaseExpired.js';
import type { Reservations } from './reservations.js';
import type { ReservationStores } from './settleHold.js';
import { newStock, type SettlementDocument, type StockDocument } from './stockDocument.js';
import { createTombstoneArchive } from './tombstoneArchive.js';

/** GraphQL's Int ends here. */
export const MAX_ON_HAND = 2 ** 31 - 1;

export type StockLevel = Pick<StockDocument, '_id' | 'onHand' | 'available' | 'updatedAt'>;

/** Reads see every acknowledged write. Reservations are for the order workers, not for clients. */
export interface InventoryStore extends Reservations {
  /** Levels of the products that stock is kept of, in no particular order, in one command. */
  levels(productIds: readonly string[], causal?: CausalContext): Promise<StockLevel[]>;
  /** Adds units, and begins to keep stock of a product that has none. `null` when more than `MAX_ON_HAND` would be there. */
  restock(productId: string, quantity: number, causal?: CausalContext): Promise<StockLevel | null>;
  /** Gives back every hold whose deadline is not after `time`; returns how many. Safe to run in many processes. */
  releaseExpired(time: Date): Promise<number>;
  /** Moves tombstones whose time is over out of the stock documents; returns how many. Safe to run in many processes. */
  archiveSettled(time: Date): Promise<number>;
}

const LEVEL = { onHand: 1, available: 1, updatedAt: 1 } as const;

export function createInventoryStore(database: Database, now: Clock = systemClock): InventoryStore {
  const stock = database.collection<StockDocument>(STOCK);
  const settlements = database.collection<SettlementDocument>(SETTLEMENTS);
  const archive = createTombstoneArchive({ stock, settlements, now });
  const stores: ReservationStores = { stock, settlements, archive, now };

  async function add(productId: string, quantity: number, causal: CausalContext | undefined) {
    return stock.findOneAndUpdate(
      { _id: productId, onHand: { $lte: MAX_ON_HAND - quantity } },
      { $inc: { onHand: quantity, available: quantity, version: 1 }, $set: { updatedAt: now() } },
      { causal },
    );
  }

  return {
    ...createReservations(stores),
    releaseExpired: (time) => releaseExpired(stores, time),
    archiveSettled: archive.archiveSettled,

    async levels(productIds, causal) {
      return stock.find({ _id: { $in: productIds } }, { projection: LEVEL, causal });
    },

    async restock(productId, quantity, causal) {
      const updated = await add(productId, quantity, causal);
      if (updated) return updated;
      const created = newStock(productId, quantity, now());
      try {
        await stock.insertOne(created, { causal });
        return created;
      } catch (error) {
        if (!(error instanceof DuplicateKeyError)) throw error;
        // Either somebody else's first restock came between, or there is no room for so many.
        return add(productId, quantity, causal);
      }
    },
  };
}
