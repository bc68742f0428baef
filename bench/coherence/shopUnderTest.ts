import os from 'node:os';
import { type Collection, type Document, MongoClient } from 'mongodb';
import type { GatewayConfigInput } from '../../gateway/config.js';
import { type CuttableProxy, startCuttableProxy } from '../../test/support/cuttableProxy.js';
import { startReplicaSet } from '../../test/support/mongod.js';
import { startRedis } from '../../test/support/redis.js';
import { Cleanup } from '../support/cleanup.js';
import { startGatewayProcess } from '../support/gatewayProcess.js';
import { HttpConnection, postBytes } from '../support/httpConnection.js';
import { startJitterProxy } from '../support/jitterProxy.js';
import type { MeasuredProcess } from '../support/measuredProcess.js';
import {
  FEED_TOKEN,
  feedUrlOf,
  type SampleSubgraphs,
  startSampleSubgraphs,
} from '../support/sampleSystem.js';
import { creation, dataOf, type WrittenProduct } from './catalogue.js';

/** Loads that are overtaken by writes are what the fence is for; on an idle loopback there are hardly any. */
const JITTER = { lateShare: 0.1, maxDelayMs: 150 };
/** Less than the deadline of a read from Redis. */
const REDIS_JITTER = { lateShare: 0.1, maxDelayMs: 20 };

export interface ShopUnderTest extends AsyncDisposable {
  readonly gateways: readonly MeasuredProcess[];
  /** Straight into the database, past all subgraphs. */
  readonly collection: Collection<Document & { _id: string }>;
  /** Between all gateways and the feeds of all subgraphs. */
  readonly feeds: readonly CuttableProxy[];
  readonly redis: {
    /** Without a word, and with everything in it. */
    kill(): Promise<void>;
    restart(): Promise<void>;
    /** Keeps connections, and answers nothing. */
    hang(): void;
    resume(): void;
  };
  createProducts(count: number, run: string): Promise<WrittenProduct[]>;
}

export interface ShopUnderTestOptions {
  readonly gateways: number;
  /** Script of the gateways; the command line when absent. */
  readonly script?: string | undefined;
}

/** Real MongoDB, real Redis, subgraphs and gateways as processes, and a network to the feeds that can be cut. */
export async function startShopUnderTest(options: ShopUnderTestOptions): Promise<ShopUnderTest> {
  const cleanup = new Cleanup();
  try {
    return await start(options, cleanup);
  } catch (error) {
    await cleanup[Symbol.asyncDispose]();
    throw error;
  }
}

async function start({ gateways, script }: ShopUnderTestOptions, cleanup: Cleanup): Promise<ShopUnderTest> {
  const mongod = cleanup.use(await startReplicaSet());
  let redis = await startRedis();
  cleanup.defer(() => redis[Symbol.asyncDispose]());
  const uri = mongod.uriFor('headgate');
  const subgraphs = cleanup.use(await startSampleSubgraphs({ MONGODB_URI: uri }));
  const { supergraphSdl } = subgraphs;
  const feeds: CuttableProxy[] = [];
  const started: MeasuredProcess[] = [];
  for (let index = 0; index < gateways; index++) {
    const toRedis = cleanup.use(await startJitterProxy(redis.port, REDIS_JITTER));
    const config = await gatewayConfig(subgraphs, `redis://127.0.0.1:${toRedis.port}`, async (port) => {
      const proxy = cleanup.use(await startCuttableProxy(port));
      feeds.push(proxy);
      return proxy.port;
    });
    for (const [name, { url }] of Object.entries(subgraphs.processes)) {
      const target = new URL(url);
      target.port = String(cleanup.use(await startJitterProxy(Number(target.port), JITTER)).port);
      Object.assign(config.subgraphs?.byName?.[name] ?? {}, { url: target.href });
    }
    started.push(
      cleanup.use(await startGatewayProcess({ supergraphSdl, config, ...(script && { script }) })),
    );
  }
  const client = new MongoClient(uri, { runtimeAdapters: { os } });
  cleanup.defer(() => client.close());
  return {
    gateways: started,
    collection: client.db().collection('products'),
    feeds,
    redis: {
      kill: () => redis[Symbol.asyncDispose](),
      async restart() {
        redis = await startRedis({ port: redis.port });
      },
      hang: () => redis.signal('SIGSTOP'),
      resume: () => redis.signal('SIGCONT'),
    },
    createProducts: (count, run) => createProducts(started[0] as MeasuredProcess, count, run),
    [Symbol.asyncDispose]: () => cleanup[Symbol.asyncDispose](),
  };
}

async function gatewayConfig(
  { processes }: SampleSubgraphs,
  redisUrl: string,
  throughProxy: (port: number) => Promise<number>,
): Promise<GatewayConfigInput> {
  const byName: NonNullable<NonNullable<GatewayConfigInput['subgraphs']>['byName']> = {};
  for (const [name, process] of Object.entries(processes)) {
    const feedUrl = new URL(feedUrlOf(process));
    feedUrl.port = String(await throughProxy(Number(feedUrl.port)));
    byName[name] = { feedUrl: feedUrl.href, forwardIdentity: name === 'orders' };
  }
  return { cache: { redisUrl, feedToken: FEED_TOKEN }, subgraphs: { byName } };
}

async function createProducts(
  { url }: MeasuredProcess,
  count: number,
  run: string,
): Promise<WrittenProduct[]> {
  const connection = new HttpConnection(url);
  const products: WrittenProduct[] = [];
  try {
    for (let index = 0; index < count; index++) {
      const answer = await connection.send(postBytes(url, creation(index, run)));
      products.push({
        index,
        ...dataOf<{ createProduct: Omit<WrittenProduct, 'index'> }>(answer).createProduct,
      });
    }
  } finally {
    connection.close();
  }
  return products;
}
