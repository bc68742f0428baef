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
 * Which statuses may follow which. Until it is confirmed, an order can be called off, by its customer or by processing:
 * what was reserved and charged by then is given back afterwards, and what is still under way is stopped or given back.
 */
const NEXT: Readonly<Record<OrderStatus, readonly OrderStatus[]>> = {
  PLACED: ['STOCK_RESERVED', 'REJECTED', 'CANCELLED'],
  STOCK_RESERVED: ['PAID', 'REJECTED', 'CANCELLED'],
  PAID: ['CONFIRMED', 'REJECTED', 'CANCELLED'],
  CONFIRMED: [],
  REJECTED: [],
  CANCELLED: [],
};

/** Whether nothing comes after it. */
export function isFinal(status: OrderStatus): boolean {
  return NEXT[status].length === 0;
}

export function mayBecome(from: OrderStatus, to: OrderStatus): boolean {
  return NEXT[from].includes(to);
}

/** The statuses that an update to `to` must find; it is the filter that makes the transition conditional. */
export function statusesBefore(to: OrderStatus): readonly OrderStatus[] {
  return ORDER_STATUSES.filter((from) => mayBecome(from, to));
}
