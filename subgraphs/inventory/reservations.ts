import type { Outcome } from './stockDocument.js';

/** One product cannot hold more than this at a time: its document stays far below MongoDB's 16 MB. */
export const MAX_HOLDS_PER_PRODUCT = 10_000;

/** A deadline may be at most this far away. */
export const MAX_HOLD_MS = 60 * 60 * 1000;

/**
 * A tombstone outlives its reservation's deadline by this much. It must be longer than a `reserve` can be under way
 * (driver timeouts and retries) plus the clocks of two inventory processes can differ.
 */
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
 * Holds and tombstones live in the stock document, so each step is one conditional update of one document:
 * it cannot be done half, and the second of two equal commands does not match. A tombstone stays until the
 * reservation's own deadline has passed (plus a grace); from then on `reserve` refuses by the clock alone, and
 * the outcome moves to the settlements, where late `commit`s and `release`s still find it.
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
   * not be committed any more. Fails once the outcome has moved to the settlements; then it is for people to restock.
   */
  takeBack(productId: string, reservationId: string, quantity: number): Promise<SettleResult>;
}
