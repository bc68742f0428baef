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
  /** Until then no `reserve` of this id can still come in time; later the tombstone moves to `settlements`. */
  readonly keepUntil: Date;
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
  readonly settled: readonly Tombstone[];
  readonly version: number;
  readonly updatedAt: Date;
}

/** A reservation that ended so long ago that its tombstone left the stock document. */
export interface SettlementDocument extends StoredDocument {
  /** `<product id>/<reservation id>` */
  readonly _id: string;
  readonly outcome: Outcome;
  readonly archivedAt: Date;
}

export function newStock(productId: string, onHand: number, now: Date): StockDocument {
  return { _id: productId, onHand, available: onHand, held: [], settled: [], version: 1, updatedAt: now };
}
