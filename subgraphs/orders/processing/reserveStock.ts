import type { OrderDocument } from '../orderDocument.js';
import { changeStatus, movedByOthers, reject } from './changeStatus.js';
import { compensate } from './compensate.js';
import type { ProcessingContext } from './orderPorts.js';

/** PLACED: sets all items aside, under the order's id and until a time that is recorded before. */
export async function reserveStock(
  context: ProcessingContext,
  order: OrderDocument,
): Promise<OrderDocument | undefined> {
  const { store, stock, settings, now } = context;
  const begun = await store.beginWork(order._id, new Date(now().getTime() + settings.reservationMs));
  if (begun?.holdUntil === undefined) return movedByOthers(context, order);
  const results = await stock.reserve(order._id, order.items, begun.holdUntil);
  if (results.every((result) => result === 'held')) {
    const step = { name: 'RESERVED', key: order._id, at: now() } as const;
    return changeStatus(context, begun, { to: 'STOCK_RESERVED', step });
  }
  const rejected = await reject(context, begun, results.includes('short') ? 'OUT_OF_STOCK' : 'NOT_PROCESSED');
  if (rejected?.status !== 'REJECTED') return rejected;
  // Another worker reserved, and rejected it later: all of that is to be given back, not what this one was told of.
  if (rejected.steps.some(({ name }) => name === 'RESERVED')) return rejected;
  // Only what is held: a release of the others would leave a tombstone in a document that all buyers write to. Should a
  // stalled worker reserve one of them after this, its own next step finds the rejection, or the sweep its end.
  return compensate(
    context,
    rejected,
    order.items.filter((_, index) => results[index] === 'held'),
  );
}
