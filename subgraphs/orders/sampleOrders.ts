import { sampleProductIds } from '../shared/sampleIds.js';
import { type SeededRandom, seededRandom } from '../shared/seededRandom.js';
import type { Money, OrderDocument, OrderItem, Rejection } from './orderDocument.js';
import { bucketOfCustomer, orderIdOf } from './orderId.js';
import { contentsDigestOf } from './orderInput.js';
import type { OrderStatus } from './orderState.js';
import { rejectionOf } from './rejectionOf.js';

export const SAMPLE_CUSTOMERS = ['ada', 'grace', 'linus', 'barbara', 'edsger'] as const;
const ORDERS_PER_CUSTOMER = 40;
const MINUTE_MS = 60 * 1000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/**
 * What can have become of an order. None is left between `PLACED` and its end: that would claim stock
 * that inventory does not hold, and a payment that nobody made.
 */
const HISTORIES: readonly [readonly OrderStatus[], ...(readonly OrderStatus[])[]] = [
  ['PLACED', 'STOCK_RESERVED', 'PAID', 'CONFIRMED'],
  ['PLACED', 'STOCK_RESERVED', 'PAID', 'CONFIRMED'],
  ['PLACED', 'STOCK_RESERVED', 'PAID', 'CONFIRMED'],
  ['PLACED', 'STOCK_RESERVED', 'REJECTED'],
  ['PLACED', 'REJECTED'],
  ['PLACED', 'CANCELLED'],
];

/** Two hundred orders of the last months, each at its end. Each customer's latest one was fulfilled. */
export function sampleOrders(now: Date): OrderDocument[] {
  const productIds = sampleProductIds();
  return SAMPLE_CUSTOMERS.flatMap((customerId) => {
    const random = seededRandom(`orders of ${customerId}`);
    return Array.from({ length: ORDERS_PER_CUSTOMER }, (_, daysAgo) => {
      const placedAt = new Date(now.getTime() - daysAgo * 2 * DAY_MS - random.integer(1, 600) * MINUTE_MS);
      const history = daysAgo === 0 ? HISTORIES[0] : random.pick(HISTORIES);
      return sampleOrder(customerId, `sample-${daysAgo}`, placedAt, history, sampleItems(productIds, random));
    });
  });
}

function sampleOrder(
  customerId: string,
  idempotencyKey: string,
  placedAt: Date,
  history: readonly OrderStatus[],
  items: readonly OrderItem[],
): OrderDocument {
  const _id = orderIdOf(customerId, idempotencyKey);
  const timeline = history.map((status, step) => ({
    status,
    at: new Date(placedAt.getTime() + step * MINUTE_MS),
  }));
  const last = timeline.at(-1) ?? { status: 'PLACED', at: placedAt };
  return {
    _id,
    customerBucket: bucketOfCustomer(customerId),
    customerId,
    contentsDigest: contentsDigestOf(items),
    status: last.status,
    items,
    total: money(items.reduce((sum, { quantity, unitPrice }) => sum + quantity * unitPrice.amountMinor, 0)),
    placedAt,
    updatedAt: last.at,
    timeline,
    ...(last.status === 'REJECTED' && { rejection: rejectionAfter(history) }),
    // What was done back then was done elsewhere: there are no records of it.
    steps: [],
    outbox: [],
    version: timeline.length,
  };
}

function rejectionAfter(history: readonly OrderStatus[]): Rejection {
  return rejectionOf(history.includes('STOCK_RESERVED') ? 'PAYMENT_DECLINED' : 'OUT_OF_STOCK');
}

/** Prices are those of back then, so they need not be today's. */
function sampleItems(productIds: readonly string[], random: SeededRandom): OrderItem[] {
  const start = random.integer(0, productIds.length - 1);
  return Array.from({ length: random.integer(1, 5) }, (_, index) => ({
    // Further apart than a category is long: all different, each from another shelf.
    productId: productIds[(start + index * 259) % productIds.length] as string,
    quantity: random.integer(1, 3),
    unitPrice: money(random.integer(4, 200) * 50 - 1),
  }));
}

function money(amountMinor: number): Money {
  return { amountMinor, currency: 'EUR' };
}
