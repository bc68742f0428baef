import type { CausalContext } from '../../platform/database/database.js';
import { badUserInput, CodedError } from '../../platform/errors.js';
import { type OrderDocument, outboxEntry } from './orderDocument.js';
import type { OrderStore } from './store.js';

export interface CancelOrderRequest {
  readonly customerId: string;
  readonly orderId: string;
  readonly now: Date;
  readonly causal: CausalContext;
}

/**
 * Cancels the customer's own order until it is confirmed; again is the same as once. What was reserved is released and
 * what was charged is refunded afterwards, from its outbox.
 * Fails with `BAD_USER_INPUT` for an order that is not there or not theirs, which must not be told apart,
 * and with `ILLEGAL_ORDER_STATE` when it is too late.
 */
export async function cancelOrder(store: OrderStore, request: CancelOrderRequest): Promise<OrderDocument> {
  const { customerId, orderId, now, causal } = request;
  const cancelled = await store.transition(
    { orderId, customerId, to: 'CANCELLED', at: now, outbox: outboxEntry(orderId, 'ORDER_CANCELLED', now) },
    causal,
  );
  if (cancelled) return cancelled;
  const order = await store.findById(orderId, causal);
  if (order?.customerId !== customerId) throw badUserInput('id', 'there is no such order');
  if (order.status === 'CANCELLED') return order;
  throw new CodedError('ILLEGAL_ORDER_STATE', `An order that is ${order.status} cannot be cancelled.`, {
    extensions: { status: order.status },
  });
}
