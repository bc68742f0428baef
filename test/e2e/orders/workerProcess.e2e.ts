import { openDatabase } from '../../../platform/database/openDatabase.js';
import { ORDERS } from '../../../subgraphs/orders/collections.js';
import type { OrderDocument } from '../../../subgraphs/orders/orderDocument.js';
import { createOrderStore } from '../../../subgraphs/orders/store.js';
import { compileHeadgate, type HeadgateProgram } from '../../support/headgateProgram.js';
import { newTestOrder } from '../../support/orders/newTestOrder.js';
import { describeReal, realMongodbUri } from '../../support/realParts.js';
import { type RedisServer, startRedis } from '../../support/redis.js';
import { until } from '../../support/until.js';

const TOKEN = 'worker-token-of-the-test';

describeReal(['mongodb', 'redis'], 'headgate worker', () => {
  let headgate: HeadgateProgram;
  let redis: RedisServer;
  beforeAll(async () => {
    [headgate, redis] = await Promise.all([compileHeadgate(), startRedis()]);
  });
  afterAll(async () => {
    await headgate[Symbol.asyncDispose]();
    await redis[Symbol.asyncDispose]();
  });

  it('fulfils orders beside an inventory of its own, shows its metrics, and ends when asked to', async () => {
    const uri = realMongodbUri();
    const env = {
      MONGODB_URI: uri,
      QUEUE_REDIS_URL: redis.url,
      HEADGATE_WORKER_TOKEN: TOKEN,
      HEADGATE_FEED_TOKEN: 'feed-token-of-the-test',
      HEADGATE_IDENTITY_SECRET: 'identity-secret-of-the-test',
    };
    await using inventory = await headgate.start(['subgraph', 'inventory', '--port', '0', '--sample-data'], {
      env,
    });
    const [, url] = await inventory.says(/"url":"(http[^"]+\/graphql)"/);
    const files = {
      'headgate.yaml': `subgraphs: { inventory: { url: "${url}" } }\norders: { mail: { folder: mail } }\n`,
    };
    await using worker = await headgate.start(['worker'], { env, files });
    const [, adminUrl] = await worker.says(/"url":"(http[^"]+)".*the worker works/);
    expect((await fetch(`${adminUrl}/health/ready`)).status).toBe(200);

    const database = await openDatabase({ name: 'orders', uri });
    const orders = database.collection<OrderDocument>(ORDERS);
    async function place(key: string): Promise<string> {
      const order = newTestOrder('ada', key);
      const items = order.items.map((item) => ({ ...item, productId: 'books-0003' }));
      return (await createOrderStore(database).insertOrFind({ ...order, items }))._id;
    }
    const first = await place('key-1');
    await worker.says(/"file":"mail\/order\..*"msg":"mail was written to a file"/);
    await until('all is done', async () => (await orders.findOne({ _id: first }))?.outbox.length === 0);
    expect(await orders.findOne({ _id: first })).toMatchObject({ status: 'CONFIRMED' });

    const metrics = await (await fetch(`${adminUrl}/metrics`)).text();
    expect(metrics).toContain('headgate_order_transitions_total{status="CONFIRMED"} 1');
    expect(metrics).toContain('headgate_order_queue_up 1');
    expect(metrics).toContain('process_cpu_seconds_total');

    // What is under way when it is asked to end waits for inventory, and is finished.
    inventory.signal('SIGSTOP');
    const last = await place('key-2');
    await until(
      'it is under way',
      async () => (await orders.findOne({ _id: last }))?.holdUntil !== undefined,
    );
    worker.signal('SIGTERM');
    await worker.says(/stopping: finishing what is under way/);
    expect((await orders.findOne({ _id: last }))?.status).toBe('PLACED');
    inventory.signal('SIGCONT');
    expect(await worker.exited).toEqual({ code: 0, signal: null });
    expect(await orders.findOne({ _id: last })).toMatchObject({ status: 'CONFIRMED', outbox: [] });
    await database.close();
  });

  it('ends when asked to, also while Redis is away', async () => {
    await using own = await startRedis();
    const env = { MONGODB_URI: realMongodbUri(), QUEUE_REDIS_URL: own.url, HEADGATE_WORKER_TOKEN: TOKEN };
    const files = { 'headgate.yaml': 'gateway: { drainTimeoutMs: 500 }' };
    await using worker = await headgate.start(['worker'], { env, files });
    await worker.says(/the worker works/);
    await own[Symbol.asyncDispose]();
    worker.signal('SIGTERM');
    expect(await worker.exited).toEqual({ code: 0, signal: null });
  });

  it('says what it lacks', async () => {
    const { code, stderr } = await headgate.run(['worker']);
    expect(stderr).toMatch(/MONGODB_URI.*QUEUE_REDIS_URL.*HEADGATE_WORKER_TOKEN/s);
    expect(code).toBe(2);
  });
});
