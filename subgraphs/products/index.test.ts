import type { ExecutionResult } from 'graphql';
import { openDatabase } from '../../platform/database/openDatabase.js';
import { silentLogger } from '../../platform/logger.js';
import { graphqlSocketClient } from '../../test/support/graphqlSocketClient.js';
import { describeReal, realMongodbUri } from '../../test/support/realParts.js';
import type { RunningSubgraph } from '../shared/startSubgraph.js';
import { PRODUCTS_COLLECTION } from './collections.js';
import { startProducts } from './index.js';

const SECRETS = { feedToken: 'feed', identitySecret: 'identity' };

async function ask(running: RunningSubgraph, query: string) {
  const response = await fetch(`${running.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  });
  return ((await response.json()) as { data: Record<string, { id: string } | null> }).data;
}

describe('startProducts', () => {
  it('serves the sample shop, closes its subscriptions with 1001, and then is gone', async () => {
    const running = await startProducts({ ...SECRETS, port: 0, sampleData: true, logger: silentLogger() });
    expect(await ask(running, '{ product(id: "music-0250") { id } }')).toEqual({
      product: { id: 'music-0250' },
    });
    const client = graphqlSocketClient(`${running.url}/invalidations`, { authorization: 'Bearer feed' });
    const feed = client.iterate({ query: 'subscription { invalidations { cursor } }' });
    await feed.next();
    const ended = feed.next();
    ended.catch(() => undefined);
    await running.close();
    await expect(ended).rejects.toMatchObject({ code: 1001 });
    await expect(ask(running, '{ __typename }')).rejects.toThrow('fetch failed');
  });

  it('fails when its port is taken', async () => {
    const first = await startProducts({ ...SECRETS, port: 0, logger: silentLogger() });
    const port = Number(new URL(first.url).port);
    await expect(startProducts({ ...SECRETS, port, logger: silentLogger() })).rejects.toMatchObject({
      code: 'EADDRINUSE',
    });
    await first.close();
  });
});

describeReal('mongodb', 'startProducts, on MongoDB', () => {
  const uri = realMongodbUri();
  const start = () =>
    startProducts({
      ...SECRETS,
      port: 0,
      sampleData: true,
      heartbeatMs: 100,
      database: { uri },
      logger: silentLogger(),
    });

  it('loads the sample once: what was deleted since stays deleted', async () => {
    const first = await start();
    await ask(first, 'mutation { deleteProduct(id: "books-0007") }');
    await first.close();
    const second = await start();
    expect(
      await ask(second, '{ product(id: "books-0007") { id } other: product(id: "books-0008") { id } }'),
    ).toEqual({
      product: null,
      other: { id: 'books-0008' },
    });
    await second.close();
  });

  it('resumes its feed after a restart, with a write straight into the database in between', async () => {
    type Event = ExecutionResult<{ invalidations: { tags: string[]; cursor: string } }>;
    const listen = (running: RunningSubgraph, after: string | null) => {
      const client = graphqlSocketClient(`${running.url}/invalidations`, { authorization: 'Bearer feed' });
      const feed = client.iterate({
        query: 'subscription ($after: String) { invalidations(after: $after) { tags cursor } }',
        variables: { after },
      }) as unknown as AsyncGenerator<Event, void>;
      return { client, feed };
    };
    const first = await start();
    const before = listen(first, null);
    const cursor = (await before.feed.next()).value?.data?.invalidations.cursor as string;
    await before.client.dispose();
    await first.close();

    const database = await openDatabase({ uri, name: 'test' });
    const filter = { category: 'toys', _id: 'toys-0001' };
    const products = database.collection(PRODUCTS_COLLECTION);
    await products.updateOne(filter, { $set: { 'price.amountMinor': 1 } });
    await database.close();

    const second = await start();
    const { client, feed } = listen(second, cursor);
    const tags: string[] = [];
    while (!tags.includes('Product:id=toys-0001')) {
      tags.push(...((await feed.next()).value?.data?.invalidations.tags ?? []));
    }
    expect(tags).toEqual(['Product:id=toys-0001', 'products:category=', 'products:category=toys']);
    // And from history into what happens now.
    await ask(second, 'mutation { updateProduct(id: "toys-0002", input: { description: "New" }) { id } }');
    let live: string[] = [];
    while (live.length === 0) live = (await feed.next()).value?.data?.invalidations.tags ?? [];
    expect(live).toEqual(['Product:id=toys-0002']);
    await client.dispose();
    await second.close();
  });
});
