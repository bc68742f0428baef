import { CodedError } from '../../platform/errors.js';
import type { SubgraphContext } from '../shared/subgraphContext.js';
import type { OrdersLoaders } from './loaders.js';

export interface OrdersContext extends SubgraphContext {
  readonly loaders: OrdersLoaders;
}

/** The customer who asks. Fails with `UNAUTHENTICATED` when nobody does. */
export function requireCustomer({ identity }: OrdersContext): string {
  if (!identity) throw new CodedError('UNAUTHENTICATED', 'Sign in to do this.');
  return identity.subject;
}
