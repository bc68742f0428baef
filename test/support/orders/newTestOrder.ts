import { type OrderDocument, outboxEntry } from '../../../subgraphs/orders/orderDocument.js';
import { bucketOfCustomer, orderIdOf } from '../../../subgraphs/orders/orderId.js';

export interface TestOrderOptions {
  readonly at?: Date;
  /** How many products, one of each. */
  readonly items?: number;
}

/** An order as `placeOrder` leaves it. */
export function newTestOrder(
  customerId: string,
  key: string,
  { at = new Date(), items = 1 }: TestOrderOptions = {},
): OrderDocument {
  const _id = orderIdOf(customerId, key);
  const unitPrice = { amountMinor: 1_000, currency: 'EUR' };
  return {
    _id,
    customerBucket: bucketOfCustomer(customerId),
    customerId,
    contentsDigest: 'digest',
    status: 'PLACED',
    items: Array.from({ length: items }, (_, index) => ({
      productId: `books-000${index + 1}`,
      quantity: 1,
      unitPrice,
    })),
    total: { ...unitPrice, amountMinor: 1_000 * items },
    placedAt: at,
    updatedAt: at,
    timeline: [{ status: 'PLACED', at }],
    steps: [],
    outbox: [outboxEntry(_id, 'ORDER_PLACED', at)],
    version: 1,
  };
}
