import type { Database } from '../../platform/database/database.js';
import { createEmbeddedDatabase } from '../../platform/database/embedded/embeddedDatabase.js';
import { type Logger, silentLogger } from '../../platform/logger.js';
import { PRODUCTS_COLLECTION, PRODUCTS_COLLECTIONS } from '../../subgraphs/products/collections.js';
import { createProductsServer, type ProductsServerOptions } from '../../subgraphs/products/server.js';
import { createProductStore } from '../../subgraphs/products/store.js';
import { type ChangeSource, createChangeSource } from '../../subgraphs/shared/changeSource.js';
import { startSubgraph } from '../../subgraphs/shared/startSubgraph.js';
import { type RecordedCall, recordingDatabase } from './recordingDatabase.js';

export const TEST_FEED_TOKEN = 'feed-token-of-the-test';
export const TEST_IDENTITY_SECRET = 'identity-secret-of-the-test';

export interface TestProducts extends AsyncDisposable {
  readonly url: string;
  readonly calls: RecordedCall[];
  readonly changes: ChangeSource;
  query(query: string, variables?: Record<string, unknown>): Promise<TestAnswer>;
}

export interface TestAnswer {
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of many shapes
  readonly data?: any;
  readonly errors?: readonly { message: string; extensions: Record<string, unknown> }[];
  readonly extensions?: Record<string, unknown>;
  readonly headers: Headers;
}

/** The products subgraph on a port of its own, over an empty embedded database whose calls are recorded. */
export async function startTestProducts(
  options: Partial<ProductsServerOptions> & {
    readonly heartbeatMs?: number;
    readonly logger?: Logger;
    readonly wrap?: (database: Database) => Database;
  } = {},
): Promise<TestProducts> {
  const { logger = silentLogger(), heartbeatMs = 60_000, wrap = (same) => same } = options;
  const embedded = createEmbeddedDatabase({ name: 'test' });
  await embedded.ensure(PRODUCTS_COLLECTIONS);
  const { database, calls } = recordingDatabase(wrap(embedded));
  const changes = createChangeSource({
    database,
    collections: [PRODUCTS_COLLECTION.name],
    heartbeatMs,
    logger,
  });
  await changes.ready;
  const subgraph = createProductsServer({
    store: createProductStore({ database, clock: () => new Date() }),
    feedToken: TEST_FEED_TOKEN,
    identitySecret: TEST_IDENTITY_SECRET,
    ready: async () => undefined,
    ...options,
    changes,
    logger,
  });
  const running = await startSubgraph(subgraph, { port: 0, drainTimeoutMs: 500 });
  return {
    url: running.url,
    calls,
    changes,
    async query(query, variables) {
      const response = await fetch(`${running.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query, variables }),
      });
      return { ...((await response.json()) as Omit<TestAnswer, 'headers'>), headers: response.headers };
    },
    async [Symbol.asyncDispose]() {
      await running.close();
      await changes.close();
      await embedded.close();
    },
  };
}
