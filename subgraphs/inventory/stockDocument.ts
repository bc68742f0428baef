import type { StoredDocument } from '../../platform/database/database.js';

/** Units that an order has taken out of `available` and that have not left the shelf yet. */
export interface Hold {
  /** The caller's id of the reservation; for an order line, the order's id. */
  readonly id: string;
  readonly quantity: number;
  /** After this, a sweep gives the units back. */
  readonly expiresAt: Date;
}

/** How a hold ended, or `released` for one that was called off before it came. */
export type Outcome = 'committed' | 'released' | 'expired';

/** What stays of a reservation once it is over, so that a redelivered command finds out instead of acting again. */
export interface Tombstone {
  readonly id: string;
  readonly outcome: Outcome;
  /** The next sweep after this moves it to the `settlements`, unless it had to make room before. */
  readonly keepUntil: Date;
  /** Was `committed` before: the settlements may say so still. */
  readonly takenBack?: true;
}

/** Everything that one product's stock decisions depend on is in one document: its update is the only lock. */
export interface StockDocument extends StoredDocument {
  /** The product's id. */
  readonly _id: string;
  /** Units on the shelf, held ones included. */
  readonly onHand: number;
  /** Always `onHand` minus the quantities held, and never below 0. */
  readonly available: number;
  readonly held: readonly Hold[];
  /** At most `MAX_TOMBSTONES_PER_PRODUCT`. */
  readonly settled: readonly Tombstone[];
  /** How often tombstones have moved out of `settled`; absent as long as none has. */
  readonly archives?: number;
  readonly version: number;
  readonly updatedAt: Date;
}

/** What changes are followed without: thousands of entries in a product that sells well, and nobody is told of them. */
export const UNWATCHED_OF_STOCK = ['held', 'settled'] as const;
export type WatchedStock = Omit<StockDocument, (typeof UNWATCHED_OF_STOCK)[number]>;

/** A reservation whose tombstone has left the stock document; where that has one again, that one counts. */
export interface SettlementDocument extends StoredDocument {
  /** `<product id>/<reservation id>` */
  readonly _id: string;
  readonly outcome: Outcome;
  readonly archivedAt: Date;
}

export function newStock(productId: string, onHand: number, now: Date): StockDocument {
  return { _id: productId, onHand, available: onHand, held: [], settled: [], version: 1, updatedAt: now };
}
