export const ORDER_STATUSES = [
  'PLACED',
  'STOCK_RESERVED',
  'PAID',
  'CONFIRMED',
  'REJECTED',
  'CANCELLED',
] as const;

export type OrderStatus = (typeof ORDER_STATUSES)[number];

/**
 * Which statuses may follow which. Once stock is reserved a charge may be under way, so from then on
 * an order can only be rejected by processing, which also pays back, and no longer cancelled.
 */
const NEXT: Readonly<Record<OrderStatus, readonly OrderStatus[]>> = {
  PLACED: ['STOCK_RESERVED', 'REJECTED', 'CANCELLED'],
  STOCK_RESERVED: ['PAID', 'REJECTED'],
  PAID: ['CONFIRMED', 'REJECTED'],
  CONFIRMED: [],
  REJECTED: [],
  CANCELLED: [],
};

export function mayBecome(from: OrderStatus, to: OrderStatus): boolean {
  return NEXT[from].includes(to);
}

/** The statuses that an update to `to` must find; it is the filter that makes the transition conditional. */
export function statusesBefore(to: OrderStatus): readonly OrderStatus[] {
  return ORDER_STATUSES.filter((from) => mayBecome(from, to));
}
