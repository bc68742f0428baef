import type { Database } from '../../platform/database/database.js';
import type { Logger } from '../../platform/logger.js';
import { readAsset } from '../../platform/readAsset.js';
import type { ChangeSource } from '../shared/changeSource.js';
import { type Clock, systemClock } from '../shared/clock.js';
import { createSubgraph, type Subgraph } from '../shared/subgraph.js';
import type { InventoryContext } from './context.js';
import { createInventoryLoaders } from './loaders.js';
import { createReservationsRoute, RESERVATIONS_PATH } from './reservationsRoute.js';
import { restock } from './restock.js';
import { createStockChanged } from './stockChanged.js';
import type { InventoryStore, StockLevel } from './store.js';
import { tagsOfStock } from './tags.js';

export interface InventoryServerOptions {
  readonly database: Database;
  readonly store: InventoryStore;
  readonly changes: ChangeSource;
  readonly feedToken: string;
  /** Opens the interface for order workers; without it there is none. */
  readonly workerToken?: string | undefined;
  /** @default systemClock */
  readonly clock?: Clock | undefined;
  readonly identitySecret: string;
  readonly logger: Logger;
}

const READY_TIMEOUT_MS = 2_000;

/** A product as other fields point to it; with its stock where that is known already. */
interface ProductReference {
  readonly id: string;
  readonly level?: StockLevel;
}

export function createInventoryServer(options: InventoryServerOptions): Subgraph {
  const { database, store, changes, feedToken, workerToken, identitySecret, logger } = options;
  const { clock = systemClock } = options;
  return createSubgraph<InventoryContext>({
    name: 'inventory',
    typeDefs: readAsset('subgraphs/inventory/typeDefs.graphql'),
    resolvers: {
      Query: {
        stock: (_: unknown, { productId }: { productId: string }, { loaders }: InventoryContext) =>
          loaders.level.load(productId),
      },
      Mutation: {
        restock: (_: unknown, args: { productId: string; quantity: number }, context: InventoryContext) =>
          restock(store, args, context),
      },
      Subscription: { stockChanged: createStockChanged(changes, store) },
      Product: {
        __resolveReference: ({ id }: ProductReference): ProductReference => ({ id }),
        async availability({ id, level }: ProductReference, _: unknown, { loaders }: InventoryContext) {
          const available = (level ?? (await loaders.level.load(id)))?.available ?? 0;
          return { available, inStock: available > 0 };
        },
      },
      Stock: {
        // The level goes along: a subscription lives long, and its loaders would remember an old one.
        product: (level: StockLevel): ProductReference => ({ id: level._id, level }),
        reserved: ({ onHand, available }: StockLevel) => onHand - available,
        updatedAt: ({ updatedAt }: StockLevel) => updatedAt.toISOString(),
      },
    },
    createContext: (base) => ({ ...base, loaders: createInventoryLoaders(store, base.causal) }),
    changes,
    tagsOf: tagsOfStock,
    feedToken,
    routes:
      workerToken === undefined
        ? {}
        : { [RESERVATIONS_PATH]: createReservationsRoute({ reservations: store, workerToken, clock }) },
    identitySecret,
    logger,
    ready: () => database.ping(READY_TIMEOUT_MS),
  });
}
