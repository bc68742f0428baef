import type { Collection, Document } from 'mongodb';
import { type HttpAnswer, HttpConnection, headerOf, postBytes } from '../support/httpConnection.js';
import { dataOf, repricing, type ShopRead, type WrittenProduct } from './catalogue.js';
import type { HitCounts } from './hitCounts.js';
import type { Pace } from './pace.js';
import type { WriteHistory } from './writeHistory.js';

export interface ClientOptions {
  readonly history: WriteHistory;
  readonly pace: Pace;
  /** By gateway. */
  readonly urls: readonly string[];
}

export interface ReaderOptions extends ClientOptions {
  readonly gateway: number;
  readonly hits: HitCounts;
  /** What to ask next. */
  next(): ShopRead;
  /** False ends it. */
  goesOn(): boolean;
}

/** Versions by read and ETag: equal bytes need not be parsed again. */
const parsed = new Map<string, ReadonlyMap<number, number>>();

/** Asks one gateway, one question after the other, and has each answer judged. */
export async function runReader(options: ReaderOptions): Promise<void> {
  const { history, pace, urls, gateway, hits, next, goesOn } = options;
  const connection = new HttpConnection(urls[gateway] as string);
  const requests = new Map<ShopRead, Buffer>();
  try {
    while (goesOn()) {
      const read = next();
      let request = requests.get(read);
      if (request === undefined) {
        request = postBytes(urls[gateway] as string, read.body);
        requests.set(read, request);
      }
      const start = history.startRead(gateway, read.products);
      const answer = await connection.send(request);
      pace.read();
      hits.add(read.name, answer);
      const versions = versionsOf(read, answer);
      for (const product of read.products) {
        history.judge(start, read.name, product, versions.get(product), read.maxVersion);
      }
    }
  } finally {
    connection.close();
  }
}

export interface WriterOptions extends ClientOptions {
  /** This writer's own: nobody else writes them. */
  readonly products: readonly WrittenProduct[];
  readonly collection: Collection<Document & { _id: string }>;
  /** The part of the writes that go past all subgraphs, from 0 to 1. */
  readonly directShare: number;
}

/** Writes one price after the other, through either gateway or straight into the database. */
export async function runWriter(options: WriterOptions): Promise<void> {
  const { history, pace, urls, products, directShare } = options;
  const connections = urls.map((url) => new HttpConnection(url));
  try {
    while (await pace.nextWrite()) {
      const product = products[Math.floor(Math.random() * products.length)] as WrittenProduct;
      const version = history.issue(product.index);
      if (Math.random() < directShare) {
        await writeDirectly(options, product, version);
        history.acknowledge(product.index, version, 'database');
        continue;
      }
      const gateway = Math.floor(Math.random() * urls.length);
      const request = postBytes(urls[gateway] as string, repricing(product, version));
      const answer = await (connections[gateway] as HttpConnection).send(request);
      const { updateProduct } = dataOf<{ updateProduct: { price: { amountMinor: number } } }>(answer);
      if (updateProduct.price.amountMinor !== version)
        throw new Error('a mutation answered with another price');
      history.acknowledge(product.index, version, gateway);
    }
  } finally {
    for (const connection of connections) connection.close();
  }
}

async function writeDirectly(
  { collection }: WriterOptions,
  { id, category }: WrittenProduct,
  version: number,
): Promise<void> {
  const { matchedCount } = await collection.updateOne(
    { _id: id, category },
    { $set: { 'price.amountMinor': version, updatedAt: new Date() }, $inc: { version: 1 } },
    { writeConcern: { w: 'majority' } },
  );
  if (matchedCount !== 1) throw new Error(`${id} is not in the database`);
}

function versionsOf(read: ShopRead, answer: HttpAnswer): ReadonlyMap<number, number> {
  const etag = headerOf(answer, 'etag');
  if (answer.status !== 200 || etag === undefined) return read.versionsIn(answer);
  const key = `${read.name} ${etag}`;
  let versions = parsed.get(key);
  if (versions === undefined) {
    versions = read.versionsIn(answer);
    if (parsed.size > 10_000) parsed.clear();
    parsed.set(key, versions);
  }
  return versions;
}
