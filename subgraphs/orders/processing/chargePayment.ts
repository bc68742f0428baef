import type { OrderDocument } from '../orderDocument.js';
import { changeStatus, reject } from './changeStatus.js';
import type { ProcessingContext } from './orderPorts.js';

/**
 * STOCK_RESERVED: charges under the order's id, so that a second charge is the first one.
 * `undefined` while the provider does not know yet: it calls back, and if it does not, the reconciler looks again. And as
 * `changeStatus` says.
 */
export async function chargePayment(
  context: ProcessingContext,
  order: OrderDocument,
): Promise<OrderDocument | undefined> {
  const { payments, now } = context;
  if (order.holdUntil !== undefined && now() >= order.holdUntil) {
    return reject(context, order, 'PAYMENT_TOO_LATE');
  }
  const result = await payments.charge({
    idempotencyKey: order._id,
    amount: order.total,
    token: order.paymentToken,
  });
  switch (result) {
    case 'charged': {
      const step = { name: 'CHARGED', key: order._id, at: now() } as const;
      return changeStatus(context, order, { to: 'PAID', step });
    }
    case 'declined':
      return reject(context, order, 'PAYMENT_DECLINED');
    case 'cancelled':
      // Only an order that is over has its payment cancelled, unless somebody did it by hand.
      return reject(context, order, 'NOT_PROCESSED');
    case 'pending':
      return undefined;
  }
}
