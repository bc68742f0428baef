import type { Database } from '../../platform/database/database.js';
import type { Logger } from '../../platform/logger.js';
import { readAsset } from '../../platform/readAsset.js';
import type { ChangeSource } from '../shared/changeSource.js';
import type { Clock } from '../shared/clock.js';
import { createSubgraph, type Subgraph } from '../shared/subgraph.js';
import type { OrdersContext } from './context.js';
import { createOrdersLoaders } from './loaders.js';
import { createOrderChanged } from './orderChanged.js';
import type { ProductCatalog } from './productCatalog.js';
import { createOrdersResolvers } from './resolvers.js';
import type { OrderStore } from './store.js';
import { tagsOfOrderEvent } from './tags.js';

export interface OrdersServerOptions {
  readonly database: Database;
  readonly store: OrderStore;
  readonly catalog: ProductCatalog;
  readonly changes: ChangeSource;
  readonly feedToken: string;
  readonly identitySecret: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

const READY_TIMEOUT_MS = 2_000;

export function createOrdersServer(options: OrdersServerOptions): Subgraph {
  const { database, store, catalog, changes, feedToken, identitySecret, clock, logger } = options;
  return createSubgraph<OrdersContext>({
    name: 'orders',
    typeDefs: readAsset('subgraphs/orders/typeDefs.graphql'),
    resolvers: {
      ...createOrdersResolvers({ store, catalog, now: clock }),
      Subscription: { orderChanged: createOrderChanged(changes, store) },
    },
    createContext: (base) => ({ ...base, loaders: createOrdersLoaders(store, base.identity, base.causal) }),
    changes,
    tagsOf: tagsOfOrderEvent,
    feedToken,
    identitySecret,
    logger,
    ready: () => database.ping(READY_TIMEOUT_MS),
  });
}
