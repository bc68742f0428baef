import { sampleProductIds } from '../shared/sampleIds.js';
import { bucketOfCustomer, bucketOfOrder } from './orderId.js';
import { mayBecome } from './orderState.js';
import { sampleOrders } from './sampleOrders.js';

describe('sample orders', () => {
  const now = new Date('2026-03-01T12:00:00Z');
  const orders = sampleOrders(now);

  it('are two hundred, each with an id of its own in the bucket of its customer', () => {
    expect(new Set(orders.map(({ _id }) => _id)).size).toBe(200);
    for (const { _id, customerBucket, customerId } of orders) {
      expect(bucketOfOrder(_id)).toBe(customerBucket);
      expect(customerBucket).toBe(bucketOfCustomer(customerId));
    }
  });

  it('are the same at each start', () => {
    expect(sampleOrders(now)).toEqual(orders);
  });

  it('went only ways that orders can go, and not into the future', () => {
    for (const { timeline, status } of orders) {
      expect(timeline[0]?.status).toBe('PLACED');
      expect(timeline.at(-1)?.status).toBe(status);
      for (const [index, { status: next, at }] of timeline.slice(1).entries()) {
        expect(mayBecome(timeline[index]?.status ?? 'CANCELLED', next)).toBe(true);
        expect(at.getTime()).toBeLessThanOrEqual(now.getTime());
      }
    }
  });

  it('are all at their end, and those rejected say why', () => {
    const statuses = new Set(orders.map(({ status }) => status));
    expect(statuses).toEqual(new Set(['CONFIRMED', 'REJECTED', 'CANCELLED']));
  });

  it('leave no work to anybody', () => {
    for (const { status, outbox, rejection } of orders) {
      expect(outbox).toEqual([]);
      expect(rejection !== undefined).toBe(status === 'REJECTED');
    }
  });

  it('are of products that the sample shop has, each once per order, and add up', () => {
    const known = new Set(sampleProductIds());
    for (const { items, total } of orders) {
      expect(new Set(items.map(({ productId }) => productId)).size).toBe(items.length);
      for (const { productId } of items) expect(known.has(productId)).toBe(true);
      const sum = items.reduce(
        (amount, { quantity, unitPrice }) => amount + quantity * unitPrice.amountMinor,
        0,
      );
      expect(total.amountMinor).toBe(sum);
    }
  });
});
