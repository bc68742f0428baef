import type { OrderDocument, OrderItem, OrderStep } from '../orderDocument.js';
import type { ProcessingContext } from './orderPorts.js';

/**
 * REJECTED and CANCELLED: gives everything back, and stops what is still under way somewhere. Each part is done once,
 * however often it is asked for, and the outbox is emptied after all of them.
 *
 * @param items what may be set aside; by default all
 */
export async function compensate(
  { store, stock, payments, now }: ProcessingContext,
  order: OrderDocument,
  items: readonly OrderItem[] = order.items,
): Promise<OrderDocument> {
  const steps: OrderStep[] = [];
  const note = (name: OrderStep['name']) => steps.push({ name, key: order._id, at: now() });
  // Nothing is ever charged for an order that was not recorded as reserved, nor reserved without `holdUntil`.
  if (order.steps.some(({ name }) => name === 'RESERVED')) {
    if ((await payments.cancel(order._id)) === 'refunded') note('REFUNDED');
  }
  if (order.holdUntil !== undefined && items.length > 0) {
    await stock.release(order._id, items);
    note('RELEASED');
  }
  return (await store.finish(order._id, steps)) ?? { ...order, outbox: [] };
}
