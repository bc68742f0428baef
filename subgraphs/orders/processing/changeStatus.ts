import type { OrderDocument, RejectionCode } from '../orderDocument.js';
import { rejectionOf } from '../rejectionOf.js';
import type { Transition } from '../store.js';
import type { ProcessingContext } from './orderPorts.js';

/** Moves the order on; when somebody else has moved it meanwhile, as `movedByOthers`. */
export async function changeStatus(
  context: ProcessingContext,
  order: OrderDocument,
  change: Omit<Transition, 'orderId' | 'at'>,
): Promise<OrderDocument | undefined> {
  const { store, now, reached } = context;
  const changed = await store.transition({ ...change, orderId: order._id, at: now() });
  if (changed) reached(change.to);
  return changed ?? movedByOthers(context, order);
}

/**
 * The order as it is now; `undefined` when it is confirmed: whoever did that is about to send the mail, and two would
 * send two. Should they die before, their job comes again, or the reconciler finds the order.
 */
export async function movedByOthers(
  { store }: ProcessingContext,
  { _id }: OrderDocument,
): Promise<OrderDocument | undefined> {
  const order = await store.findById(_id);
  if (order === null) throw new Error('the order is gone');
  return order.status === 'CONFIRMED' ? undefined : order;
}

/**
 * What was reserved and charged is given back afterwards. Only from where the decision was made: a worker that was held up
 * may find reservations ended, or their time over, because another one has brought the order further.
 */
export async function reject(
  context: ProcessingContext,
  order: OrderDocument,
  code: RejectionCode,
): Promise<OrderDocument | undefined> {
  return changeStatus(context, order, { from: order.status, to: 'REJECTED', rejection: rejectionOf(code) });
}
