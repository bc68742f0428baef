import { createHash } from 'node:crypto';

const BUCKET_DIGITS = 3;
const ORDER_ID = /^([0-9a-f]{3})-[0-9a-f]{32}$/;

/**
 * The shard key's first part: 4,096 buckets spread customers over shards and keep each customer's orders together.
 */
export function bucketOfCustomer(customerId: string): string {
  return createHash('sha256').update(customerId).digest('hex').slice(0, BUCKET_DIGITS);
}

/**
 * The same customer with the same idempotency key always gets the same id, so the primary key itself
 * refuses a second order. 128 bits of digest; customer and key are separated so that no two pairs run together.
 */
export function orderIdOf(customerId: string, idempotencyKey: string): string {
  const digest = createHash('sha256')
    .update(JSON.stringify([customerId, idempotencyKey]))
    .digest('hex');
  return `${bucketOfCustomer(customerId)}-${digest.slice(0, 32)}`;
}

/** The bucket that an order id carries; `undefined` for anything that is no order id. */
export function bucketOfOrder(orderId: string): string | undefined {
  return ORDER_ID.exec(orderId)?.[1];
}
