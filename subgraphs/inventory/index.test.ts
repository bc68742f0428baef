import { openDatabase } from '../../platform/database/openDatabase.js';
import { silentLogger } from '../../platform/logger.js';
import { graphqlClient } from '../../test/support/graphqlClient.js';
import { onBothDatabases } from '../../test/support/onBothDatabases.js';
import { describeReal, realMongodbUri } from '../../test/support/realParts.js';
import { until } from '../../test/support/until.js';
import { sampleProductIds } from '../shared/sampleIds.js';
import { STOCK } from './collections.js';
import { type InventoryOptions, startInventory } from './index.js';
import { newStock, type StockDocument } from './stockDocument.js';

const AVAILABILITY = `query ($representations: [_Any!]!) {
  _entities(representations: $representations) { ... on Product { availability { available } } }
}`;
const LEVEL = '{ stock(productId: "books-0001") { available } }';
const RESTOCK = 'mutation { restock(productId: "books-0001", quantity: 1) { available } }';

function options(uri: string | undefined): InventoryOptions {
  return {
    port: 0,
    database: { uri },
    feedToken: 'feed-token',
    identitySecret: 'secret-of-the-gateway',
    logger: silentLogger(),
  };
}

onBothDatabases('startInventory', (_open, newUri) => {
  it('is ready, with stock of every sample product, some of it sold out', async () => {
    const running = await startInventory({ ...options(newUri()), sampleData: true });
    try {
      expect((await fetch(`${running.url}/health/ready`)).status).toBe(200);
      const representations = sampleProductIds().map((id) => ({ __typename: 'Product', id }));
      const { data } = await graphqlClient(running.url).ask(AVAILABILITY, { representations });
      const available: number[] = data._entities.map(
        (product: { availability: { available: number } }) => product.availability.available,
      );
      expect(available).toHaveLength(3_000);
      const soldOut = available.filter((units) => units === 0).length;
      expect(soldOut).toBeGreaterThan(100);
      expect(soldOut).toBeLessThan(600);
    } finally {
      await running.close();
    }
  });

  it('begins empty without sample data', async () => {
    const running = await startInventory(options(newUri()));
    try {
      expect(await graphqlClient(running.url).ask(LEVEL)).toMatchObject({ data: { stock: null } });
    } finally {
      await running.close();
    }
  });

  it('fails to start on a port that is taken, and leaves nothing open', async () => {
    const first = await startInventory(options(newUri()));
    try {
      const { port } = new URL(first.url);
      await expect(startInventory({ ...options(newUri()), port: Number(port) })).rejects.toThrow(
        'EADDRINUSE',
      );
    } finally {
      await first.close();
    }
  });
});

describeReal('mongodb', 'startInventory on a database that was there before', () => {
  it('loads the sample once: what was sold stays sold', async () => {
    const uri = realMongodbUri();
    const levels: number[] = [];
    for (const ask of [RESTOCK, LEVEL]) {
      const running = await startInventory({ ...options(uri), sampleData: true });
      const { data } = await graphqlClient(running.url).ask(ask);
      levels.push((data.restock ?? data.stock).available);
      await running.close();
    }
    expect(levels[1]).toBe(levels[0]);
  });

  it('gives back holds that expired while no process ran', async () => {
    const uri = realMongodbUri();
    await (await startInventory(options(uri))).close();
    const database = await openDatabase({ uri, name: 'test' });
    const expired = { id: 'order-1', quantity: 4, expiresAt: new Date(Date.now() - 1_000) };
    await database
      .collection<StockDocument>(STOCK)
      .insertOne({ ...newStock('books-0001', 10, new Date()), available: 6, held: [expired] });
    await database.close();
    const running = await startInventory({ ...options(uri), sweepIntervalMs: 10 });
    try {
      await until('all are available', async () => {
        return (await graphqlClient(running.url).ask(LEVEL)).data.stock.available === 10;
      });
    } finally {
      await running.close();
    }
  });
});
