import type { OrderDocument, RejectionCode } from '../orderDocument.js';
import { rejectionOf } from '../rejectionOf.js';
import type { Transition } from '../store.js';
import type { ProcessingContext } from './orderPorts.js';

/** Moves the order on; when somebody else has moved it meanwhile, gives it as it is now. */
export async function changeStatus(
  { store, now, reached }: ProcessingContext,
  order: OrderDocument,
  change: Omit<Transition, 'orderId' | 'at'>,
): Promise<OrderDocument> {
  const changed = await store.transition({ ...change, orderId: order._id, at: now() });
  if (changed) reached(change.to);
  return changed ?? found(await store.findById(order._id));
}

/** What was reserved and charged is given back afterwards. */
export async function reject(
  context: ProcessingContext,
  order: OrderDocument,
  code: RejectionCode,
): Promise<OrderDocument> {
  return changeStatus(context, order, { to: 'REJECTED', rejection: rejectionOf(code) });
}

function found(order: OrderDocument | null): OrderDocument {
  if (order === null) throw new Error('the order is gone');
  return order;
}
