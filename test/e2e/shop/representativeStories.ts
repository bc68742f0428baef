import type { CommandEvent } from '../../../platform/database/mongodb/monitorCommands.js';
import { openDatabase } from '../../../platform/database/openDatabase.js';
import { MAX_HOLD_MS, TOMBSTONE_GRACE_MS } from '../../../subgraphs/inventory/reservations.js';
import { createInventoryStore } from '../../../subgraphs/inventory/store.js';
import { type OrderDocument, outboxEntry } from '../../../subgraphs/orders/orderDocument.js';
import { bucketOfCustomer, orderIdOf } from '../../../subgraphs/orders/orderId.js';
import { createSandboxProvider } from '../../../subgraphs/orders/payment/sandboxProvider.js';
import { createRelayLease } from '../../../subgraphs/orders/relayLease.js';
import { createOrderStore } from '../../../subgraphs/orders/store.js';
import type { Shop } from '../../support/startShop.js';

async function answered(answer: ReturnType<Shop['ask']>) {
  const { data, errors } = await answer;
  expect(errors).toBeUndefined();
  return data;
}

const CONNECTION = 'edges { node { id name availability { available } } } pageInfo { endCursor }';

/** Every list in every order, from its beginning and behind a cursor, of one category and of the whole shop. */
export async function browse(shop: Shop): Promise<void> {
  const lists = ['NAME_ASC', 'PRICE_ASC', 'PRICE_DESC', 'NEWEST'].flatMap((sort) => [
    `products(sort: ${sort}`,
    `products(sort: ${sort}, filter: { minPriceMinor: 1000, maxPriceMinor: 5000 }`,
    `products(sort: ${sort}, filter: { maxPriceMinor: 5000 }`,
  ]);
  const searches = ['searchProducts(text: "a"', 'searchProducts(text: "winter atlas"'];
  for (const field of [...lists, ...searches]) {
    for (const category of ['', ', category: "books"']) {
      const query = `query ($after: String) { list: ${field}${category}, first: 5, after: $after) { ${CONNECTION} } }`;
      const { list } = await answered(shop.ask(query));
      await answered(shop.ask(query, { after: list.pageInfo.endCursor }));
    }
  }
  await answered(
    shop.ask(`{
      one: product(id: "books-0001") { name } other: product(id: "toys-0001") { name }
      productBySku(sku: "BOO-00001") { name }
      stock(productId: "books-0001") { onHand product { name } }
      categories { name }
    }`),
  );
  await answered(shop.ask('{ product(id: "books-0001") { name availability { available } } }'));
}

/** Creates, fails to, changes, fails to, restocks and deletes. */
export async function edit(shop: Shop): Promise<void> {
  const input = {
    sku: 'PLAN-1',
    name: 'Planned',
    category: 'books',
    price: { amountMinor: 100, currency: 'EUR' },
  };
  const create = 'mutation ($input: CreateProductInput!) { createProduct(input: $input) { id } }';
  const { createProduct } = await answered(shop.ask(create, { input }));
  const taken = await shop.ask(create, { input });
  expect(taken.errors?.[0]?.extensions['code']).toBe('CONFLICT');
  const id = createProduct.id;
  const changes = ['input: { name: "Replanned" }, ifVersion: 1', 'input: { description: "New" }'];
  for (const change of changes) {
    await answered(shop.ask(`mutation ($id: ID!) { updateProduct(id: $id, ${change}) { version } }`, { id }));
  }
  await shop.ask(
    'mutation ($id: ID!) { updateProduct(id: $id, input: { name: "Late" }, ifVersion: 1) { id } }',
    {
      id,
    },
  );
  const restock = 'mutation ($id: ID!) { restock(productId: $id, quantity: 3) { available } }';
  await answered(shop.ask(restock, { id }));
  await answered(shop.ask(restock, { id }));
  await answered(shop.ask('mutation ($id: ID!) { deleteProduct(id: $id) }', { id }));
}

/** Places, repeats, reads and cancels. */
export async function order(shop: Shop): Promise<void> {
  const place =
    'mutation ($input: PlaceOrderInput!) { placeOrder(input: $input) { id items { product { name } } } }';
  const input = {
    idempotencyKey: 'plans',
    items: [
      { productId: 'books-0001', quantity: 1 },
      { productId: 'toys-0001', quantity: 2 },
    ],
  };
  const { placeOrder } = await answered(shop.askAs('ada', place, { input }));
  await answered(shop.askAs('ada', place, { input }));
  const page = `query ($after: String) {
    me { orders(first: 3, after: $after) { edges { node { id items { product { name } } } } pageInfo { endCursor } } }
  }`;
  const { me } = await answered(shop.askAs('ada', page));
  await answered(shop.askAs('ada', page, { after: me.orders.pageInfo.endCursor }));
  const [a, b] = me.orders.edges.map(({ node }: { node: { id: string } }) => node.id);
  await answered(
    shop.askAs('ada', 'query ($a: ID!, $b: ID!) { a: order(id: $a) { id } b: order(id: $b) { id } }', {
      a,
      b,
    }),
  );
  for (let time = 0; time < 2; time++) {
    await answered(
      shop.askAs('ada', 'mutation ($id: ID!) { cancelOrder(id: $id) { status } }', { id: placeOrder.id }),
    );
  }
}

/** What order workers and the sweep do; no client can. */
export async function reserve(shop: Shop, onCommand: (event: CommandEvent) => void): Promise<void> {
  const database = await openDatabase({ uri: shop.uris.inventory, name: 'inventory', onCommand });
  try {
    let now = shop.openedAt.getTime();
    const store = createInventoryStore(database, () => new Date(now));
    const productId = 'books-0002';
    const reservation = (reservationId: string, fields: object = {}) => ({
      ...{ productId, reservationId, quantity: 1, expiresAt: new Date(now + 60_000) },
      ...fields,
    });
    expect(await store.reserve(reservation('a'))).toBe('reserved');
    expect(await store.reserve(reservation('a'))).toBe('already');
    expect(await store.commit(productId, 'a')).toBe('committed');
    expect(await store.reserve(reservation('b'))).toBe('reserved');
    expect(await store.release(productId, 'b')).toBe('released');
    expect(await store.release(productId, 'never came')).toBe('released');
    expect(await store.reserve(reservation('c', { quantity: 100_000 }))).toBe('insufficient');
    expect(await store.reserve(reservation('d'))).toBe('reserved');
    now += 2 * (MAX_HOLD_MS + TOMBSTONE_GRACE_MS);
    expect(await store.releaseExpired(new Date(now))).toBe(1);
    expect(await store.archiveSettled(new Date(now))).toBeGreaterThan(0);
    expect(await store.commit(productId, 'a')).toBe('committed');
  } finally {
    await database.close();
  }
}

/** What workers, relay, reconciler and the sandbox's payments ask of the database of orders. */
export async function work(shop: Shop, onCommand: (event: CommandEvent) => void): Promise<void> {
  const database = await openDatabase({ uri: shop.uris.orders, name: 'orders', onCommand });
  try {
    const now = shop.openedAt;
    const store = createOrderStore(database);
    const orderId = orderIdOf('ada', 'worked on');
    const amount = { amountMinor: 100, currency: 'EUR' };
    const placed: OrderDocument = {
      ...{ _id: orderId, customerBucket: bucketOfCustomer('ada'), customerId: 'ada', contentsDigest: '' },
      ...{ status: 'PLACED', items: [], total: amount, placedAt: now, updatedAt: now, version: 1 },
      ...{ timeline: [], steps: [], outbox: [outboxEntry(orderId, 'ORDER_PLACED', now)] },
    };
    await store.insertOrFind(placed);
    const range = { from: new Date(0), before: new Date(now.getTime() + 1), limit: 10 };
    expect((await store.withWorkLeft(range)).map(({ _id }) => _id)).toContain(orderId);
    expect(await store.beginWork(orderId, now)).toMatchObject({ holdUntil: now });
    expect(await store.transition({ orderId, to: 'REJECTED', at: now })).not.toBeNull();
    expect(await store.finish(orderId, [])).toMatchObject({ outbox: [] });
    const sandbox = createSandboxProvider({ database });
    expect(await sandbox.charge({ idempotencyKey: orderId, amount, token: undefined })).toBe('charged');
    expect(await sandbox.cancel(orderId)).toBe('refunded');
    const lease = createRelayLease({ database, owner: 'this test', leaseMs: 1_000 });
    expect(await lease.take()).toEqual({ cursor: undefined });
    expect(await lease.save('somewhere')).toBe(true);
    expect(await lease.take()).toEqual({ cursor: 'somewhere' });
    await lease.release();
  } finally {
    await database.close();
  }
}
