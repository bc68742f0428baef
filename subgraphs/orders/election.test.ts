import os from 'node:os';
import { MongoClient } from 'mongodb';
import type { Database } from '../../platform/database/database.js';
import { openDatabase } from '../../platform/database/openDatabase.js';
import { type ReplicaSet, startReplicaSet } from '../../test/support/mongod.js';
import { describeReal } from '../../test/support/realParts.js';
import { identityOf, startTestOrders, type TestOrders } from '../../test/support/startTestOrders.js';
import { ORDERS, ORDERS_COLLECTIONS } from './collections.js';

const PLACE = 'mutation ($input: PlaceOrderInput!) { placeOrder(input: $input) { id status } }';
const CANCEL = 'mutation ($id: ID!) { cancelOrder(id: $id) { id status } }';
const PATIENCE_MS = 180_000;

describeReal('mongod', 'orders without a primary', () => {
  let replicaSet: ReplicaSet;
  let database: Database;
  let orders: TestOrders;
  beforeAll(async () => {
    replicaSet = await startReplicaSet();
    // The driver gives up long before the election is over.
    const uri = replicaSet.uriFor('shop');
    database = await openDatabase({ uri, name: 'orders', serverSelectionTimeoutMs: 200 });
    await database.ensure(ORDERS_COLLECTIONS);
    orders = await startTestOrders(database, () => new Date());
    orders.catalog.prices = new Map([['books-0001', { amountMinor: 1999, currency: 'EUR' }]]);
  }, PATIENCE_MS);
  afterAll(async () => {
    await orders?.[Symbol.asyncDispose]();
    await database?.close();
    await replicaSet?.[Symbol.asyncDispose]();
  }, PATIENCE_MS);

  async function stepDown(seconds: number): Promise<void> {
    const client = new MongoClient(replicaSet.uri, { runtimeAdapters: { os } });
    await client.db('admin').command({ replSetStepDown: seconds, force: true });
    await client.close();
  }

  function place(idempotencyKey: string, timeoutMs: number) {
    const input = { items: [{ productId: 'books-0001', quantity: 1 }], idempotencyKey };
    return orders.ask(PLACE, { input }, { ...identityOf('ada'), 'headgate-timeout-ms': `${timeoutMs}` });
  }

  it(
    'are placed and cancelled, once, as soon as there is one again',
    async () => {
      await stepDown(2);
      const answers = await Promise.all([1, 2, 3].map(() => place('key-1', 30_000)));
      expect(answers.map(({ errors }) => errors)).toEqual([undefined, undefined, undefined]);
      const [id] = answers.map(({ data }) => data.placeOrder.id);
      await stepDown(1);
      const headers = { ...identityOf('ada'), 'headgate-timeout-ms': '30000' };
      expect(await orders.ask(CANCEL, { id }, headers)).toMatchObject({
        data: { cancelOrder: { id, status: 'CANCELLED' } },
      });
      expect(await database.collection(ORDERS).find({})).toMatchObject([{ _id: id, version: 2 }]);
    },
    PATIENCE_MS,
  );

  it(
    'are answered in time with a code that says to send them again, and then are placed',
    async () => {
      await stepDown(5);
      expect(await place('key-2', 500)).toMatchObject({
        errors: [{ extensions: { code: 'TEMPORARILY_UNAVAILABLE' } }],
      });
      expect(await place('key-2', 30_000)).toMatchObject({ data: { placeOrder: { status: 'PLACED' } } });
    },
    PATIENCE_MS,
  );
});
