import DataLoader from 'dataloader';
import type { CausalContext } from '../../platform/database/database.js';
import type { Identity } from '../../platform/identity.js';
import { inSpan } from '../../platform/tracing/currentSpan.js';
import type { OrderDocument } from './orderDocument.js';
import { bucketOfCustomer, bucketOfOrder } from './orderId.js';
import type { OrderStore } from './store.js';

export interface OrdersLoaders {
  /** `null` for every order that is not the caller's own: theirs and others' missing ones look alike. */
  readonly ownOrder: DataLoader<string, OrderDocument | null>;
}

/** New for each request: they remember what they read, and who asked. */
export function createOrdersLoaders(
  store: OrderStore,
  identity: Identity | undefined,
  causal: CausalContext,
): OrdersLoaders {
  const customerId = identity?.subject;
  const bucket = customerId === undefined ? undefined : bucketOfCustomer(customerId);
  return {
    ownOrder: new DataLoader(async (orderIds) => {
      // An id of another bucket cannot be the caller's: guessing ids costs the database nothing.
      const possible = orderIds.filter((id) => bucket !== undefined && bucketOfOrder(id) === bucket);
      const orders = await inSpan('batch orders', () => store.findByIds(possible, causal));
      const own = new Map(
        orders.filter((order) => order.customerId === customerId).map((order) => [order._id, order]),
      );
      return orderIds.map((id) => own.get(id) ?? null);
    }),
  };
}
