import type { Database } from '../../platform/database/database.js';
import { silentLogger } from '../../platform/logger.js';
import { graphqlClient } from '../../test/support/graphqlClient.js';
import { onBothDatabases } from '../../test/support/onBothDatabases.js';
import { recordingDatabase } from '../../test/support/recordingDatabase.js';
import { until } from '../../test/support/until.js';
import { withoutImages } from '../../test/support/withoutImages.js';
import { createChangeSource } from '../shared/changeSource.js';
import { Resources } from '../shared/resources.js';
import { startSubgraph } from '../shared/startSubgraph.js';
import { INVENTORY_COLLECTIONS, STOCK } from './collections.js';
import { createInventoryServer } from './server.js';
import { createInventoryStore } from './store.js';

const SECRET = 'secret-of-the-gateway';
const LEVEL = 'query ($id: ID!) { stock(productId: $id) { onHand available reserved product { id } } }';
const RESTOCK = `mutation ($id: ID!, $quantity: Int!) {
  restock(productId: $id, quantity: $quantity) { onHand available product { availability { inStock available } } }
}`;
const STOCK_CHANGED = `subscription ($id: ID!) {
  stockChanged(productId: $id) { onHand available reserved product { id availability { inStock available } } }
}`;
const AVAILABILITY = `query ($representations: [_Any!]!) {
  _entities(representations: $representations) { ... on Product { id availability { inStock available } } }
}`;

onBothDatabases('inventory subgraph', (open) => {
  let resources: Resources;
  beforeEach(() => {
    resources = new Resources();
  });
  afterEach(() => resources.close());

  async function start(wrap = (same: Database) => same) {
    const { database, calls } = recordingDatabase(wrap(await open(INVENTORY_COLLECTIONS)));
    const logger = silentLogger();
    const changes = resources.add(createChangeSource({ database, collections: [STOCK.name], logger }));
    const store = createInventoryStore(database);
    const subgraph = createInventoryServer({
      database,
      store,
      changes,
      feedToken: 'feed-token',
      identitySecret: SECRET,
      logger,
    });
    const { url } = resources.add(await startSubgraph(subgraph, { port: 0 }));
    await changes.ready;
    return { store, calls, changes, ...graphqlClient(url) };
  }

  const hold = (reservationId: string, quantity: number) => ({
    productId: 'books-0001',
    reservationId,
    quantity,
    expiresAt: new Date(Date.now() + 60_000),
  });

  it('answers the availability of a page of 50 products with one command', async () => {
    const { ask, store, calls } = await start();
    const ids = Array.from({ length: 50 }, (_, index) => `books-${String(index).padStart(4, '0')}`);
    await Promise.all(ids.slice(1).map((id) => store.restock(id, 3)));
    calls.length = 0;
    const representations = ids.map((id) => ({ __typename: 'Product', id }));
    const { data } = await ask(AVAILABILITY, { representations });
    expect(data._entities[0]).toEqual({ id: ids[0], availability: { inStock: false, available: 0 } });
    expect(data._entities.slice(1)).toEqual(
      ids.slice(1).map((id) => ({ id, availability: { inStock: true, available: 3 } })),
    );
    expect(calls.map(({ method }) => method)).toEqual(['find']);
  });

  it('lets caches keep availability for a moment, and stock never', async () => {
    const { ask, store } = await start();
    await store.restock('books-0001', 3);
    const representations = [{ __typename: 'Product', id: 'books-0001' }];
    expect((await ask(AVAILABILITY, { representations })).headers.get('cache-control')).toBe(
      'max-age=10, public',
    );
    expect((await ask(LEVEL, { id: 'books-0001' })).headers.get('cache-control')).toBe('no-store');
  });

  it('gives the stock of a product with what is reserved of it, and null for one without', async () => {
    const { ask, store } = await start();
    await store.restock('books-0001', 5);
    await store.reserve(hold('order-1', 2));
    const { data } = await ask(LEVEL, { id: 'books-0001' });
    expect(data.stock).toEqual({ onHand: 5, available: 3, reserved: 2, product: { id: 'books-0001' } });
    expect(await ask(LEVEL, { id: 'no such thing' })).toMatchObject({ data: { stock: null } });
  });

  it('names the availability, and when it changed, in the answer to a restock', async () => {
    const { ask } = await start();
    const { data, extensions } = await ask(RESTOCK, { id: 'books-0001', quantity: 4 });
    expect(data.restock).toEqual({
      onHand: 4,
      available: 4,
      product: { availability: { inStock: true, available: 4 } },
    });
    expect(extensions).toEqual({
      headgate: {
        tags: ['availability:productId=books-0001'],
        operationTime: expect.stringMatching(/^[^@]+@[0-9a-f]{16}$/),
      },
    });
  });

  it.each([
    ['books-0001', 0, 'quantity'],
    ['books-0001', 1_000_001, 'quantity'],
    ['Books 1', 1, 'productId'],
    ['', 1, 'productId'],
  ])('refuses to restock %p by %p, and changes nothing', async (id, quantity, argument) => {
    const { ask, store } = await start();
    const { errors, extensions } = await ask(RESTOCK, { id, quantity });
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', argument });
    expect(extensions?.['headgate']).toBeUndefined();
    expect(await store.levels([id])).toEqual([]);
  });

  it('refuses a restock that would make more units than an Int can count', async () => {
    const { ask, store } = await start();
    await store.restock('books-0001', 2 ** 31 - 10);
    const { errors } = await ask(RESTOCK, { id: 'books-0001', quantity: 10 });
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', argument: 'quantity' });
  });

  it('sends each change of one product, with numbers of that change', async () => {
    const { store, subscribe, changes } = await start();
    await store.restock('books-0001', 1);
    const events = subscribe(STOCK_CHANGED, { variables: { id: 'books-0001' } });
    const first = events.next();
    await until('somebody listens', () => changes.subscribers === 1);
    await store.restock('books-0002', 7);
    await store.restock('books-0001', 4);
    const event = (onHand: number, available: number) => ({
      value: {
        data: {
          stockChanged: {
            onHand,
            available,
            reserved: onHand - available,
            product: { id: 'books-0001', availability: { inStock: available > 0, available } },
          },
        },
      },
    });
    expect(await first).toMatchObject(event(5, 5));
    await store.reserve(hold('order-1', 5));
    expect(await events.next()).toMatchObject(event(5, 0));
    await store.commit('books-0001', 'order-1');
    expect(await events.next()).toMatchObject(event(0, 0));
    await events.return?.();
  });

  it('sends the stock as it is by now when the change has no image of it any more', async () => {
    const { store, subscribe, changes } = await start(withoutImages);
    const events = subscribe(STOCK_CHANGED, { variables: { id: 'books-0001' } });
    const first = events.next();
    await until('somebody listens', () => changes.subscribers === 1);
    await store.restock('books-0001', 5);
    expect(await first).toMatchObject({ value: { data: { stockChanged: { onHand: 5, available: 5 } } } });
    await events.return?.();
  });

  it('feeds gateways the availability of what was sold, and nothing for what nobody can see', async () => {
    const { store, subscribe, changes } = await start();
    await store.restock('books-0001', 5);
    const events = subscribe('subscription { invalidations { tags } }', {
      params: { authorization: 'Bearer feed-token' },
      path: '/invalidations',
    });
    const seen: string[][] = [];
    const reading = (async () => {
      for await (const { data } of events) {
        const { tags } = (data as { invalidations: { tags: string[] } }).invalidations;
        if (tags.length > 0) seen.push(tags);
        if (tags.includes('availability:productId=books-0002')) return;
      }
    })();
    await until('somebody listens', () => changes.subscribers === 1);
    await store.reserve(hold('order-1', 2));
    await store.commit('books-0001', 'order-1');
    await store.release('books-0001', 'never-reserved');
    await store.restock('books-0002', 1);
    await reading;
    // One for the reservation, none for the commit and the tombstone, and the last for the other product.
    expect(seen).toEqual([['availability:productId=books-0001'], ['availability:productId=books-0002']]);
  });
});
