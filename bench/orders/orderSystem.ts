import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openDatabase } from '../../platform/database/openDatabase.js';
import { createOrderStore } from '../../subgraphs/orders/store.js';
import { sampleProductIds } from '../../subgraphs/shared/sampleIds.js';
import { startReplicaSet } from '../../test/support/mongod.js';
import { startRedis } from '../../test/support/redis.js';
import { Cleanup } from '../support/cleanup.js';
import { type MeasuredProcess, startMeasured } from '../support/measuredProcess.js';

export const IDENTITY_SECRET = 'bench-identity-secret';
const PRODUCTS = 200;
/** As many as one order can ever want of a product here. */
const RESTOCK = 1_000_000;

export interface Drain {
  /** From the first worker being ready until no order has work left. */
  readonly seconds: number;
  /** Of all workers. */
  readonly cpuMs: number;
}

export interface OrderSystem extends AsyncDisposable {
  readonly ordersUrl: string;
  /** Products of which there is enough. */
  readonly productIds: readonly string[];
  /** Lets so many workers work until nothing is left, and ends them. */
  drain(workers: number): Promise<Drain>;
  /** @throws when any order came to another end */
  expectAllConfirmed(placed: number): Promise<void>;
}

/** Subgraphs and workers as processes, on a real MongoDB and a Redis that appends to disk. */
export async function openOrderSystem(): Promise<OrderSystem> {
  const cleanup = new Cleanup();
  try {
    return await open(cleanup);
  } catch (error) {
    await cleanup[Symbol.asyncDispose]();
    throw error;
  }
}

async function open(cleanup: Cleanup): Promise<OrderSystem> {
  const mongod = cleanup.use(await startReplicaSet());
  const redis = cleanup.use(await startRedis({ args: ['--appendonly', 'yes'] }));
  const folder = mkdtempSync(path.join(tmpdir(), 'headgate-bench-'));
  cleanup.defer(() => rmSync(folder, { recursive: true, force: true }));
  const uri = mongod.uriFor('headgate');
  const env = {
    MONGODB_URI: uri,
    QUEUE_REDIS_URL: redis.url,
    HEADGATE_FEED_TOKEN: 'bench-feed-token',
    HEADGATE_IDENTITY_SECRET: IDENTITY_SECRET,
    HEADGATE_WORKER_TOKEN: 'bench-worker-token',
    LOG_LEVEL: 'info',
  };
  const urls: Record<string, { readonly url: string }> = {};
  const config = path.join(folder, 'headgate.yaml');
  const configure = () =>
    writeFileSync(
      config,
      JSON.stringify({
        subgraphs: urls,
        orders: { worker: { port: 0 }, mail: { folder: path.join(folder, 'mail') } },
      }),
    );
  const startSubgraph = async (name: string, extra: readonly string[] = []) => {
    configure();
    const args = ['subgraph', name, '--port', '0', '--config', config, ...extra];
    const { url } = cleanup.use(await startMeasured('cli/headgate.js', args, env));
    urls[name] = { url };
    return url;
  };
  await startSubgraph('products', ['--sample-data']);
  const inventoryUrl = await startSubgraph('inventory', ['--sample-data']);
  const ordersUrl = await startSubgraph('orders');
  configure();
  const productIds = sampleProductIds().slice(0, PRODUCTS);
  await restock(inventoryUrl, productIds);
  const database = await openDatabase({ name: 'headgate', uri });
  cleanup.defer(() => database.close());
  const store = createOrderStore(database);
  const workLeft = (limit: number) =>
    store.withWorkLeft({ from: new Date(0), before: new Date(Date.now() + 60_000), limit });
  const ends = { confirmed: 0, rejected: 0 };

  return {
    ordersUrl,
    productIds,
    async drain(count) {
      const workers: MeasuredProcess[] = [];
      let began: number | undefined;
      try {
        const starting = Array.from({ length: count }, async () => {
          const worker = await startMeasured('cli/headgate.js', ['worker', '--config', config], env);
          workers.push(worker);
          began ??= performance.now();
        });
        await Promise.all(starting);
        while ((await workLeft(1)).length > 0) await new Promise((resolve) => setTimeout(resolve, 50));
        const seconds = (performance.now() - (began ?? 0)) / 1_000;
        const usages = await Promise.all(workers.map((worker) => worker.usage()));
        for (const worker of workers) {
          const { confirmed, rejected } = await endsReachedBy(worker);
          ends.confirmed += confirmed;
          ends.rejected += rejected;
        }
        return { seconds, cpuMs: usages.reduce((sum, { cpuMs }) => sum + cpuMs, 0) };
      } finally {
        await Promise.all(workers.map((worker) => worker[Symbol.asyncDispose]()));
      }
    },
    async expectAllConfirmed(placed) {
      if (ends.confirmed === placed && ends.rejected === 0) return;
      throw new Error(`of ${placed} orders, ${ends.confirmed} were confirmed and ${ends.rejected} rejected`);
    },
    [Symbol.asyncDispose]: () => cleanup[Symbol.asyncDispose](),
  };
}

/** By its own count, from its own start. */
async function endsReachedBy({ url }: MeasuredProcess) {
  const text = await (await fetch(`${url}/metrics`)).text();
  const count = (status: string) =>
    Number(
      new RegExp(`^headgate_order_transitions_total\\{status="${status}"\\} (\\d+)$`, 'm').exec(text)?.[1] ??
        0,
    );
  return { confirmed: count('CONFIRMED'), rejected: count('REJECTED') };
}

async function restock(inventoryUrl: string, productIds: readonly string[]): Promise<void> {
  for (const id of productIds) {
    const query =
      'mutation ($id: ID!, $quantity: Int!) { restock(productId: $id, quantity: $quantity) { onHand } }';
    const { errors } = await ask(inventoryUrl, query, { id, quantity: RESTOCK });
    if (errors) throw new Error(JSON.stringify(errors));
  }
}

async function ask(url: string, query: string, variables: object): Promise<{ readonly errors?: unknown }> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  });
  return (await response.json()) as { errors?: unknown };
}
