export interface StockLine {
  readonly productId: string;
  readonly quantity: number;
}

/** `held` now or before under this id; `short` when there are not enough; `over` when this reservation has ended already. */
export type HoldResult = 'held' | 'short' | 'over';

/**
 * Stock as order workers see it; inventory is a service of its own. Every call may be repeated and happens once, by the
 * reservation's id. Each gives one result per line, in their order, and fails when inventory cannot say.
 */
export interface StockReservations {
  /** @param expiresAt the same for each repetition */
  reserve(reservationId: string, lines: readonly StockLine[], expiresAt: Date): Promise<HoldResult[]>;
  /** The goods leave: whether each line was still held, or had been committed before. */
  commit(reservationId: string, lines: readonly StockLine[]): Promise<boolean[]>;
  /** Gives back what is held or was committed, and forbids what has not been reserved yet. */
  release(reservationId: string, lines: readonly StockLine[]): Promise<void>;
}
