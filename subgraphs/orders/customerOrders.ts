import {
  type Connection,
  type ConnectionArguments,
  type ConnectionSort,
  readPage,
  toConnection,
} from '../shared/connection.js';
import type { OrdersContext } from './context.js';
import type { OrderDocument } from './orderDocument.js';
import type { OrderStore } from './store.js';

const NEWEST_FIRST: ConnectionSort<OrderDocument> = {
  name: 'newest',
  field: 'placedAt',
  type: 'date',
  direction: -1,
  valueOf: ({ placedAt }) => placedAt,
};

/** A page of one customer's orders. Whoever calls it has made sure that the customer is the one who asks. */
export async function customerOrders(
  store: OrderStore,
  customerId: string,
  args: ConnectionArguments,
  { causal }: OrdersContext,
): Promise<Connection<OrderDocument>> {
  const page = readPage(args, NEWEST_FIRST);
  return toConnection(await store.ofCustomer(customerId, page, causal), page, NEWEST_FIRST);
}
