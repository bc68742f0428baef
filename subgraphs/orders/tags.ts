import type { ChangeEvent } from '../../platform/database/database.js';
import { entityTag, listTag } from '../shared/tags.js';
import type { OrderDocument } from './orderDocument.js';

/** An order changed, and with it every page of its customer's list: the list is a field of the customer. */
export function tagsOfOrder({ _id, customerId }: Pick<OrderDocument, '_id' | 'customerId'>): string[] {
  return [entityTag('Order', { id: _id }), entityTag('Customer', { id: customerId })];
}

/** Without images nobody knows whose order it was: then the lists of all customers are stale. */
export function tagsOfOrderEvent(event: ChangeEvent): readonly string[] {
  const order = (event.after ?? event.before) as OrderDocument | undefined;
  return order ? tagsOfOrder(order) : [entityTag('Order', { id: event.id }), listTag('customers')];
}
