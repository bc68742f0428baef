import type { ChangeEvent } from '../../platform/database/database.js';
import { badUserInput } from '../../platform/errors.js';
import type { ChangeSource } from '../shared/changeSource.js';
import { imageOf } from '../shared/imageOf.js';
import { type LiveField, liveField } from '../shared/liveField.js';
import { ORDERS } from './collections.js';
import { type OrdersContext, requireCustomer } from './context.js';
import type { OrderDocument } from './orderDocument.js';
import type { OrderStore } from './store.js';

type Live = LiveField<{ id: string }, OrdersContext, ChangeEvent<OrderDocument>>;

export interface OrderChanged {
  subscribe(...args: Parameters<Live['subscribe']>): Promise<ReturnType<Live['subscribe']>>;
  resolve(...args: Parameters<Live['resolve']>): OrderDocument | Promise<OrderDocument | null>;
}

/**
 * Sends the caller's order whenever it changes. Refused with `UNAUTHENTICATED`, and with `BAD_USER_INPUT` for an order
 * that is not there or not theirs, which must not be told apart.
 */
export function createOrderChanged(changes: ChangeSource, store: Pick<OrderStore, 'findById'>): OrderChanged {
  const live: Live = liveField(changes, ({ id }) => ({
    select(change) {
      if (change.kind !== 'change' || change.collection !== ORDERS.name || change.id !== id) return undefined;
      return change.operation === 'delete' ? undefined : (change as ChangeEvent<OrderDocument>);
    },
  }));
  return {
    async subscribe(source, args, context, ...rest) {
      requireCustomer(context);
      // Once is enough: an order never changes hands.
      if (!(await context.loaders.ownOrder.load(args.id)))
        throw badUserInput('id', 'there is no such order.');
      return live.subscribe(source, args, context, ...rest);
    },
    resolve(...args) {
      return imageOf(live.resolve(...args), store.findById);
    },
  };
}
