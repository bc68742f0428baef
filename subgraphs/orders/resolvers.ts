import type { ConnectionArguments } from '../shared/connection.js';
import type { Resolvers } from '../shared/subgraph.js';
import { cancelOrder } from './cancelOrder.js';
import { type OrdersContext, requireCustomer } from './context.js';
import { customerOrders } from './customerOrders.js';
import type { OrderDocument, OrderItem, OrderStep, TimelineEntry } from './orderDocument.js';
import type { PlaceOrderInput } from './orderInput.js';
import { type PlaceOrderDependencies, placeOrder } from './placeOrder.js';
import { tagsOfOrder } from './tags.js';
import { throughElections } from './throughElections.js';

interface Reference {
  readonly id: string;
}

/** Identity in, own data out: nothing here reads an order without asking whose it is. */
export function createOrdersResolvers(dependencies: PlaceOrderDependencies): Resolvers {
  const { store, now } = dependencies;
  /** Named also when an earlier request did the write: its answer may never have arrived. */
  const changed = ({ changed }: OrdersContext, order: OrderDocument): OrderDocument => {
    changed.add(...tagsOfOrder(order));
    return order;
  };
  return {
    Query: {
      me: (_: unknown, __: unknown, { identity }: OrdersContext) =>
        identity ? { id: identity.subject } : null,
      order: (_: unknown, { id }: Reference, { loaders }: OrdersContext) => loaders.ownOrder.load(id),
    },
    Mutation: {
      async placeOrder(_: unknown, { input }: { input: PlaceOrderInput }, context: OrdersContext) {
        const { requestId, causal, logger } = context;
        const customerId = requireCustomer(context);
        const place = () => placeOrder(dependencies, { customerId, input, requestId, causal, logger });
        return changed(context, await throughElections(place, context));
      },
      async cancelOrder(_: unknown, { id }: Reference, context: OrdersContext) {
        const customerId = requireCustomer(context);
        const request = { customerId, orderId: id, now: now(), causal: context.causal };
        return changed(context, await throughElections(() => cancelOrder(store, request), context));
      },
    },
    Customer: {
      __resolveReference: ({ id }: Reference, { identity }: OrdersContext) =>
        identity?.subject === id ? { id } : null,
      orders: ({ id }: Reference, args: ConnectionArguments, context: OrdersContext) =>
        customerOrders(store, id, args, context),
    },
    Order: {
      __resolveReference: ({ id }: Reference, { loaders }: OrdersContext) => loaders.ownOrder.load(id),
      id: ({ _id }: OrderDocument) => _id,
      rejection: ({ rejection }: OrderDocument) => rejection ?? null,
      placedAt: ({ placedAt }: OrderDocument) => placedAt.toISOString(),
    },
    OrderItem: { product: ({ productId }: OrderItem): Reference => ({ id: productId }) },
    OrderStep: { at: ({ at }: OrderStep) => at.toISOString() },
    OrderTimelineEntry: { at: ({ at }: TimelineEntry) => at.toISOString() },
  };
}
