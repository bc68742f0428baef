import type { OrderDocument } from '../orderDocument.js';
import { changeStatus, reject } from './changeStatus.js';
import type { ProcessingContext } from './orderPorts.js';

/** PAID: the goods leave, if they are still set aside; else the payment came too late and goes back. */
export async function confirmOrder(
  context: ProcessingContext,
  order: OrderDocument,
): Promise<OrderDocument | undefined> {
  const committed = await context.stock.commit(order._id, order.items);
  if (!committed.every(Boolean)) return reject(context, order, 'PAYMENT_TOO_LATE');
  const step = { name: 'COMMITTED', key: order._id, at: context.now() } as const;
  return changeStatus(context, order, { to: 'CONFIRMED', step });
}
