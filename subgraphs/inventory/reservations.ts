import type { Outcome } from './stockDocument.js';

/** One product cannot hold more than this at a time: its document stays far below MongoDB's 16 MB. */
export const MAX_HOLDS_PER_PRODUCT = 10_000;

/**
 * Nor more tombstones than this: each change of stock writes the whole document, and its images. Whoever needs room for
 * one more moves all of them to the settlements first.
 */
export const MAX_TOMBSTONES_PER_PRODUCT = 200;

/** A deadline may be at most this far away. */
export const MAX_HOLD_MS = 60 * 60 * 1000;

/** A tombstone that nobody needs the room of outlives its reservation's deadline by this much. */
export const TOMBSTONE_GRACE_MS = 5 * 60 * 1000;

/**
 * `reserved`: taken now. `already`: taken before under this id. `insufficient`: fewer units than wanted.
 * `unknown`: no stock is kept for this product. `busy`: too many open reservations, try again later.
 * `committed`, `released`, `expired`: this id is over, or its deadline has passed, and nothing was taken.
 */
export type ReserveResult = 'reserved' | 'already' | 'insufficient' | 'unknown' | 'busy' | Outcome;

/** How the reservation stands after the call; `unknown` when there never was one, or no stock of the product. */
export type SettleResult = Outcome | 'unknown';

export interface Reservation {
  readonly productId: string;
  readonly reservationId: string;
  /** At least 1. */
  readonly quantity: number;
  /** The same at each redelivery, so derive it from the order, not from now. At most `MAX_HOLD_MS` away. */
  readonly expiresAt: Date;
}

/**
 * Reservations that may be delivered twice, late, or in the wrong order, and still happen once.
 *
 * Holds and tombstones live in the stock document, so each step is one conditional update of one document: it cannot be
 * done half, and the second of two equal commands does not match. Tombstones move on to the settlements, many at once,
 * and are written there before they are removed here, which counts `archives` up. Whoever wants to conclude that an id
 * is not over reads that count, then the settlements, and updates on the condition that the count is still the same:
 * what was not in the settlements is then in the document, and the filter sees it.
 */
export interface Reservations {
  /** Takes units out of `available` in one atomic step. Repeating it takes nothing more, also after the reservation ended. */
  reserve(reservation: Reservation): Promise<ReserveResult>;
  /** The units leave the shelf. A hold past its deadline counts as long as no sweep has given it back. */
  commit(productId: string, reservationId: string): Promise<SettleResult>;
  /** Gives the units back. When it overtakes its `reserve`, that one will find it and take nothing. */
  release(productId: string, reservationId: string): Promise<SettleResult>;
  /**
   * As `release`, and what was committed comes back to the shelf: for an order of several products of which one could
   * not be committed any more.
   */
  takeBack(productId: string, reservationId: string, quantity: number): Promise<SettleResult>;
}
