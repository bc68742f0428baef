import { isFinal, mayBecome, ORDER_STATUSES, type OrderStatus, statusesBefore } from './orderState.js';

describe('order state', () => {
  const LEGAL: readonly (readonly [OrderStatus, OrderStatus])[] = [
    ['PLACED', 'STOCK_RESERVED'],
    ['PLACED', 'REJECTED'],
    ['PLACED', 'CANCELLED'],
    ['STOCK_RESERVED', 'PAID'],
    ['STOCK_RESERVED', 'REJECTED'],
    ['STOCK_RESERVED', 'CANCELLED'],
    ['PAID', 'CONFIRMED'],
    ['PAID', 'REJECTED'],
    ['PAID', 'CANCELLED'],
  ];
  const pairs = ORDER_STATUSES.flatMap((from) => ORDER_STATUSES.map((to) => [from, to] as const));

  it.each(pairs)('from %s to %s is legal exactly when it is on the list', (from, to) => {
    const legal = LEGAL.some(([a, b]) => a === from && b === to);
    expect(mayBecome(from, to)).toBe(legal);
    expect(statusesBefore(to).includes(from)).toBe(legal);
  });

  it('can be cancelled until it is confirmed', () => {
    expect(statusesBefore('CANCELLED')).toEqual(['PLACED', 'STOCK_RESERVED', 'PAID']);
  });

  it.each(['CONFIRMED', 'REJECTED', 'CANCELLED'] as const)('ends with %s', (status) => {
    expect(ORDER_STATUSES.filter((to) => mayBecome(status, to))).toEqual([]);
    expect(isFinal(status)).toBe(true);
  });
});
