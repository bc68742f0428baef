import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';
import type { Database } from '../../../platform/database/database.js';
import { openDatabase } from '../../../platform/database/openDatabase.js';
import { silentLogger } from '../../../platform/logger.js';
import { STOCK } from '../../../subgraphs/inventory/collections.js';
import { startInventory } from '../../../subgraphs/inventory/index.js';
import { newStock, type StockDocument } from '../../../subgraphs/inventory/stockDocument.js';
import { cancelOrder } from '../../../subgraphs/orders/cancelOrder.js';
import { ORDERS, ORDERS_COLLECTIONS, SANDBOX_CHARGES } from '../../../subgraphs/orders/collections.js';
import type { OrderDocument } from '../../../subgraphs/orders/orderDocument.js';
import type { SandboxCharge } from '../../../subgraphs/orders/payment/sandboxProvider.js';
import { placeOrder } from '../../../subgraphs/orders/placeOrder.js';
import { createBullmqQueue } from '../../../subgraphs/orders/queue/bullmqQueue.js';
import type { JobQueue } from '../../../subgraphs/orders/queue/jobQueue.js';
import { createOrderStore } from '../../../subgraphs/orders/store.js';
import { realMongodbUri } from '../realParts.js';
import { type RedisServer, startRedis } from '../redis.js';
import { until } from '../until.js';
import type { Boundary, WorkerOrders } from './workerProgram.js';

const WORKER_TOKEN = 'worker-token-of-the-test';
const PRICE = { amountMinor: 1_000, currency: 'EUR' };

export interface OrderStage extends AsyncDisposable {
  readonly queue: JobQueue;
  readonly redis: RedisServer;
  /** Message-IDs as an SMTP server received them, those that came twice twice. */
  readonly mails: readonly string[];
  place(customerId: string, quantities: Readonly<Record<string, number>>, token?: string): Promise<string>;
  /** Whether it was in time. */
  cancel(customerId: string, orderId: string): Promise<boolean>;
  orders(): Promise<OrderDocument[]>;
  charges(): Promise<SandboxCharge[]>;
  stock(productId: string): Promise<StockDocument>;
  /** A worker in a process of its own; with `killAt` it dies there. */
  startWorker(killAt?: Boundary, killAfter?: number): Promise<WorkerProcess>;
  /** Redis dies with all its jobs, and an empty one comes in its place. */
  loseRedis(): Promise<void>;
  stopRedis(): Promise<void>;
  startRedisAgain(): Promise<void>;
  /** Until no order has work left. */
  settled(timeoutMs: number): Promise<void>;
}

export interface WorkerProcess {
  readonly exited: Promise<unknown>;
  signal(name: NodeJS.Signals): void;
}

/** Real MongoDB, real Redis, a real SMTP server, inventory with this stock, and workers as processes. */
export async function openOrderStage(levels: Readonly<Record<string, number>>): Promise<OrderStage> {
  const logger = silentLogger();
  const [uri, inventoryUri] = [realMongodbUri(), realMongodbUri()];
  // All customers of a test may come at once.
  const database = await openDatabase({ name: 'orders', uri, waitQueueTimeoutMs: 120_000 });
  await database.ensure(ORDERS_COLLECTIONS);
  const inventory = await startInventory({
    port: 0,
    database: { uri: inventoryUri },
    feedToken: 'unused',
    identitySecret: 'unused',
    workerToken: WORKER_TOKEN,
    sweepIntervalMs: 1_000,
    logger,
  });
  const stockDatabase = await openDatabase({ name: 'inventory', uri: inventoryUri });
  const stock = stockDatabase.collection<StockDocument>(STOCK);
  await stock.insertMissing(Object.entries(levels).map(([id, units]) => newStock(id, units, new Date())));
  let redis = await startRedis();
  const smtp = await startSmtp();
  const queue = createBullmqQueue({
    url: redis.url,
    retry: { attempts: 60, backoffMs: 50, maxBackoffMs: 500 },
    logger,
  });
  const store = createOrderStore(database);
  const children = new Set<ChildProcess>();
  let keys = 0;

  return {
    queue,
    get redis() {
      return redis;
    },
    mails: smtp.messageIds,
    async place(customerId, quantities, paymentToken) {
      keys += 1;
      const items = Object.entries(quantities).map(([productId, quantity]) => ({ productId, quantity }));
      const prices = new Map(items.map(({ productId }) => [productId, PRICE]));
      const order = await placeOrder(
        { store, catalog: { pricesOf: async () => prices }, now: () => new Date() },
        {
          customerId,
          input: { items, idempotencyKey: `key-${keys}`, ...(paymentToken && { paymentToken }) },
          requestId: 'test',
          causal: {},
          logger,
        },
      );
      return order._id;
    },
    async cancel(customerId, orderId) {
      const request = { customerId, orderId, now: new Date(), causal: {} };
      return cancelOrder(store, request).then(
        () => true,
        () => false,
      );
    },
    orders: () => allOf<OrderDocument>(database, ORDERS),
    charges: () => allOf<SandboxCharge>(database, SANDBOX_CHARGES),
    async stock(productId) {
      const level = await stock.findOne({ _id: productId });
      if (level === null) throw new Error(`no stock of ${productId}`);
      return level;
    },
    async startWorker(killAt, killAfter) {
      const child = spawnWorker({
        uri,
        inventoryUrl: inventory.url,
        workerToken: WORKER_TOKEN,
        redisUrl: redis.url,
        smtpUrl: smtp.url,
        killAt,
        killAfter,
      });
      children.add(child);
      const exited = once(child, 'exit').finally(() => children.delete(child));
      await Promise.race([once(child.stdout as NodeJS.ReadableStream, 'data'), exited]);
      return { exited, signal: (name) => void child.kill(name) };
    },
    async loseRedis() {
      const { port } = redis;
      await redis[Symbol.asyncDispose]();
      redis = await startRedis({ port });
    },
    stopRedis: () => redis[Symbol.asyncDispose](),
    async startRedisAgain() {
      redis = await startRedis({ port: redis.port });
    },
    settled: (timeoutMs) =>
      until(
        'no order has work left',
        async () => {
          await new Promise((resolve) => setTimeout(resolve, 50));
          const left = { from: new Date(0), before: new Date(Date.now() + 60_000), limit: 1 };
          return (await store.withWorkLeft(left)).length === 0;
        },
        timeoutMs,
      ),
    async [Symbol.asyncDispose]() {
      await Promise.all(
        [...children].map(async (child) => {
          const gone = once(child, 'exit');
          child.kill('SIGKILL');
          await gone;
        }),
      );
      await queue.close();
      await smtp.close();
      await inventory.close();
      await Promise.all([stockDatabase.close(), database.close(), redis[Symbol.asyncDispose]()]);
    },
  };
}

function allOf<T extends { readonly _id: string }>(
  database: Database,
  definition: Parameters<Database['collection']>[0],
): Promise<T[]> {
  return database.collection<T>(definition).find({});
}

function spawnWorker(orders: WorkerOrders): ChildProcess {
  const { PATH, HOME } = process.env;
  const folder = path.join(__dirname, '..');
  const child = spawn(
    process.execPath,
    ['--require', path.join(folder, 'runTypescript.cjs'), path.join(folder, 'orders/workerProgram.ts')],
    { env: { PATH, HOME, WORKER: JSON.stringify(orders) }, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  // What it logs is read away, so that it never waits for us.
  child.stdout?.resume();
  return child;
}

async function startSmtp() {
  const messageIds: string[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData(stream, _session, done) {
      simpleParser(stream).then(
        ({ messageId }) => {
          messageIds.push(messageId ?? 'none');
          done();
        },
        (error: Error) => done(error),
      );
    },
  });
  server.on('error', () => undefined);
  const listener = server.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address() as { port: number };
  return {
    messageIds,
    url: `smtp://127.0.0.1:${port}`,
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}
