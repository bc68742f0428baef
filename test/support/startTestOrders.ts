import type { Database } from '../../platform/database/database.js';
import { IDENTITY_HEADER, signIdentity } from '../../platform/identity.js';
import { silentLogger } from '../../platform/logger.js';
import { ORDERS } from '../../subgraphs/orders/collections.js';
import type { Money } from '../../subgraphs/orders/orderDocument.js';
import type { ProductCatalog } from '../../subgraphs/orders/productCatalog.js';
import { createOrdersServer } from '../../subgraphs/orders/server.js';
import { createOrderStore, type OrderStore } from '../../subgraphs/orders/store.js';
import { type ChangeSource, createChangeSource } from '../../subgraphs/shared/changeSource.js';
import { startSubgraph } from '../../subgraphs/shared/startSubgraph.js';
import { type GraphqlClient, graphqlClient } from './graphqlClient.js';
import { type RecordedCall, recordingDatabase } from './recordingDatabase.js';

export const ORDERS_FEED_TOKEN = 'feed-token-of-the-test';
const IDENTITY_SECRET = 'identity-secret-of-the-test';

export interface TestOrders extends GraphqlClient, AsyncDisposable {
  readonly store: OrderStore;
  readonly changes: ChangeSource;
  /** What was asked of the database. */
  readonly calls: RecordedCall[];
  readonly catalog: TestCatalog;
}

/** Prices that a test can change; `asked` counts how often somebody wanted them. */
export interface TestCatalog extends ProductCatalog {
  prices: Map<string, Money>;
  asked: number;
  failure: Error | undefined;
}

/** The header that a gateway with the same secret would send for this customer. */
export function identityOf(subject: string, secret = IDENTITY_SECRET): Record<string, string> {
  return { [IDENTITY_HEADER]: signIdentity({ subject }, secret) };
}

/** The orders subgraph on a port of its own, over this database, with prices from the test. */
export async function startTestOrders(given: Database, now: () => Date): Promise<TestOrders> {
  const logger = silentLogger();
  const { database, calls } = recordingDatabase(given);
  const changes = createChangeSource({ database, collections: [ORDERS.name], logger });
  await changes.ready;
  const store = createOrderStore(database);
  const catalog: TestCatalog = {
    prices: new Map(),
    asked: 0,
    failure: undefined,
    async pricesOf() {
      catalog.asked += 1;
      if (catalog.failure) throw catalog.failure;
      return catalog.prices;
    },
  };
  const server = createOrdersServer({
    database,
    store,
    catalog,
    changes,
    feedToken: ORDERS_FEED_TOKEN,
    identitySecret: IDENTITY_SECRET,
    clock: now,
    logger,
  });
  const running = await startSubgraph(server, { port: 0, drainTimeoutMs: 500 });
  return {
    ...graphqlClient(running.url),
    store,
    changes,
    calls,
    catalog,
    async [Symbol.asyncDispose]() {
      await running.close();
      await changes.close();
    },
  };
}
