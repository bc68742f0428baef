import { decideConsistency } from '../../../gateway/cache/consistencyDecision.js';
import { ConsistencyToken } from '../../../gateway/cache/consistencyToken.js';
import type { CursorStore } from '../../../gateway/cache/feed/cursorStore.js';
import { createFeed, type Feed } from '../../../gateway/cache/feed/feed.js';
import type { Epoch, FeedOptions } from '../../../gateway/cache/feed/feedOptions.js';
import { isAtLeast } from '../../../gateway/cache/feed/hasReached.js';
import { createMemoryCursorStore } from '../../../gateway/cache/feed/memoryCursorStore.js';
import type { Invalidation } from '../../../gateway/cache/invalidation.js';
import type { OperationTime } from '../../../platform/database/operationTime.js';
import { silentLogger } from '../../../platform/logger.js';
import { type CuttableProxy, startCuttableProxy } from '../../support/cuttableProxy.js';
import { startTestProducts, TEST_FEED_TOKEN, type TestProducts } from '../../support/startTestProducts.js';
import { until } from '../../support/until.js';

const CREATE = 'mutation ($input: CreateProductInput!) { createProduct(input: $input) { id } }';
const RENAME =
  'mutation ($id: ID!, $name: String!) { updateProduct(id: $id, input: { name: $name }) { id } }';

interface Changed {
  readonly tags: readonly string[];
  readonly operationTime: OperationTime;
}

describe('the feed of a subgraph, as a gateway reads it', () => {
  const open: AsyncDisposable[] = [];
  let products: TestProducts;
  let network: CuttableProxy;

  beforeEach(async () => {
    products = await startTestProducts({ heartbeatMs: 50 });
    open.push(products);
    network = await startCuttableProxy(Number(new URL(products.url).port));
    open.push(network);
  });
  afterEach(async () => {
    for (const resource of open.splice(0).reverse()) await resource[Symbol.asyncDispose]();
  });

  function read(options: Partial<FeedOptions> = {}, cursorStore: CursorStore = createMemoryCursorStore()) {
    const invalidations: Invalidation[] = [];
    const epochs: Epoch[] = [];
    const feed: Feed = createFeed({
      subgraph: 'products',
      url: `ws://127.0.0.1:${network.port}/invalidations`,
      token: TEST_FEED_TOKEN,
      cursorStore,
      heartbeatTimeoutMs: 2_000,
      saveEveryMs: 0,
      backoff: { minMs: 5, maxMs: 50 },
      onInvalidation: async (invalidation) => void invalidations.push(invalidation),
      onEpoch: async (_subgraph, epoch) => void epochs.push(epoch),
      logger: silentLogger(),
      ...options,
    });
    open.push({ [Symbol.asyncDispose]: () => feed.close() });
    return {
      feed,
      invalidations,
      epochs,
      isLive: () => until('the feed is live', () => feed.status.state === 'live'),
      hasTag: (tag: string) =>
        until(`${tag} came`, () => invalidations.some(({ tags }) => tags.includes(tag))),
    };
  }

  async function create(sku: string): Promise<{ id: string; changed: Changed }> {
    const input = {
      sku,
      name: 'A kettle',
      category: 'office',
      price: { amountMinor: 1999, currency: 'EUR' },
    };
    const { data, extensions } = await products.query(CREATE, { input });
    return { id: data.createProduct.id, changed: extensions?.['headgate'] as Changed };
  }

  it('brings every tag that the mutation itself had named, with a time that is not before it', async () => {
    const { isLive, invalidations, hasTag, feed } = read();
    await isLive();
    const { id, changed } = await create('FEED-1');
    await hasTag(`Product:id=${id}`);
    await until('the feed is past the write', () => {
      const { operationTime } = feed.status;
      return operationTime !== undefined && isAtLeast(operationTime, changed.operationTime);
    });
    const tags = new Set(invalidations.flatMap((invalidation) => invalidation.tags));
    expect([...changed.tags].filter((tag) => !tags.has(tag))).toEqual([]);
    expect(invalidations.every(({ source, by }) => source === 'products' && by === 'feed')).toBe(true);
  });

  it('lets the cache answer a client that has written once it has applied the write, and not before', async () => {
    let holdBack: Promise<void> | undefined;
    let letGo = (): void => undefined;
    const { isLive, feed } = read({ onInvalidation: async () => holdBack });
    await isLive();
    holdBack = new Promise((resolve) => {
      letGo = resolve;
    });
    const { changed } = await create('FEED-2');
    const token = ConsistencyToken.EMPTY.with(changed.operationTime);
    const decide = () =>
      decideConsistency(token, {
        hasFeed: true,
        feedTime: feed.status.operationTime,
        latestTime: undefined,
      });
    expect(decide()).toEqual({ mayUseCache: false, after: changed.operationTime });
    letGo();
    await until('the cache may be used', () => decide().mayUseCache);
  });

  it('resumes where it was cut off, and brings what happened meanwhile', async () => {
    const { isLive, hasTag, feed, epochs } = read();
    await isLive();
    const { id } = await create('FEED-3');
    await hasTag(`Product:id=${id}`);
    network.cut();
    const missed = await create('FEED-4');
    await until('it is cut off', () => feed.status.state === 'connecting');
    network.restore();
    await hasTag(`Product:id=${missed.id}`);
    await isLive();
    expect(epochs).toHaveLength(1);
  });

  it('is behind when the network swallows everything, and back with what it had missed', async () => {
    const { isLive, hasTag, feed, epochs } = read({ heartbeatTimeoutMs: 300 });
    await isLive();
    network.freeze();
    await until('it is behind', () => feed.status.state === 'behind');
    expect(feed.status).toMatchObject({ mayServe: false, mayUseShared: false });
    const missed = await create('FEED-5');
    network.restore();
    await hasTag(`Product:id=${missed.id}`);
    await isLive();
    expect(feed.status).toMatchObject({ mayServe: true, mayUseShared: true });
    expect(epochs).toHaveLength(1);
  });

  it('goes on from the cursor of an earlier process', async () => {
    const store = createMemoryCursorStore();
    const first = read({}, store);
    await first.isLive();
    const { id } = await create('FEED-6');
    await first.hasTag(`Product:id=${id}`);
    await until('its cursor is saved', async () => (await store.load('products')) !== undefined);
    await first.feed.close();
    await products.query(RENAME, { id, name: 'Another kettle' });
    const second = read({}, store);
    await second.isLive();
    expect(second.epochs).toEqual([]);
    expect(second.invalidations.flatMap(({ tags }) => tags)).toContain(`Product:id=${id}`);
  });

  it('purges everything when the database of the cursor is gone, and then follows the new one', async () => {
    const store = createMemoryCursorStore();
    await store.save('products', 'boot-0123456789abcdef:7');
    const { isLive, epochs, hasTag } = read({}, store);
    await isLive();
    expect(epochs).toMatchObject([{ scope: 'everything' }]);
    expect(epochs[0]?.operationTime).toMatch(/^boot-/);
    const { id } = await create('FEED-7');
    await hasTag(`Product:id=${id}`);
  });

  it('is closed to those without the token', async () => {
    const { feed } = read({ token: 'guessed', heartbeatTimeoutMs: 200 });
    await until('it is behind', () => feed.status.state === 'behind');
    expect(feed.status).toMatchObject({ events: 0, connections: 0 });
  });
});
