import { silentLogger } from '../../../platform/logger.js';
import { startTestFeed } from '../../../test/support/testFeed.js';
import { until } from '../../../test/support/until.js';
import { createFeeds, type Feeds } from './feeds.js';
import { createMemoryCursorStore } from './memoryCursorStore.js';

function open(): Feeds & AsyncDisposable & { readonly purged: string[] } {
  const purged: string[] = [];
  const feeds = createFeeds({
    cursorStore: createMemoryCursorStore(),
    backoff: { minMs: 1, maxMs: 20 },
    onInvalidation: async ({ source, tags }) => void purged.push(`${source} ${tags.join()}`),
    onEpoch: async (subgraph, { scope }) => void purged.push(`${subgraph} ${scope}`),
    logger: silentLogger(),
  });
  return Object.assign(feeds, { purged, [Symbol.asyncDispose]: () => feeds.close() });
}

const source = (subgraph: string, url: string) => ({ subgraph, url, token: undefined });

describe('the feeds of a gateway', () => {
  it('are those that were asked for last: what stays is not disturbed', async () => {
    await using first = await startTestFeed();
    await using second = await startTestFeed();
    await using feeds = open();
    await feeds.follow([source('products', first.url)]);
    await until('it is live', () => feeds.status('products')?.state === 'live');
    await feeds.follow([source('products', first.url), source('orders', second.url)]);
    await until('both are live', () => feeds.statuses().every(({ state }) => state === 'live'));
    await feeds.follow([source('products', first.url)]);
    await until('the other one is gone', () => second.connections === 0);
    expect(first.subscriptions).toHaveLength(1);
    expect(feeds.status('orders')).toBeUndefined();
  });

  it('go over to another address with the cursor that they have', async () => {
    await using first = await startTestFeed();
    await using second = await startTestFeed();
    await using feeds = open();
    await feeds.follow([source('products', first.url)]);
    await until('it is live', () => feeds.status('products')?.state === 'live');
    await feeds.follow([source('products', second.url)]);
    await until('the other one is asked', () => second.subscriptions.length > 0);
    expect(second.subscriptions[0]).toBe('c0');
  });

  it('of a subgraph that was away trust nothing that this process still has of it', async () => {
    await using server = await startTestFeed();
    await using feeds = open();
    await feeds.follow([source('products', server.url)]);
    await until('it is live', () => feeds.status('products')?.state === 'live');
    await feeds.follow([]);
    feeds.purged.length = 0;
    server.push('missed');
    server.mute(true);
    await feeds.follow([source('products', server.url)]);
    expect(feeds.mayServe('products')).toBe(true);
    expect(feeds.purged).toEqual(['products process']);
  });

  it('that are asked for while others end are the only ones', async () => {
    await using first = await startTestFeed();
    await using second = await startTestFeed();
    await using feeds = open();
    await feeds.follow([source('products', first.url)]);
    const overtaken = feeds.follow([source('orders', second.url)]);
    await Promise.all([overtaken, feeds.follow([])]);
    expect(feeds.statuses()).toEqual([]);
  });

  it('say nothing about a subgraph that has none: its TTL decides', async () => {
    await using feeds = open();
    expect([feeds.mayServe('legacy'), feeds.mayUseShared('legacy')]).toEqual([true, true]);
  });

  it('keep the shared cache of a subgraph out of use until its feed has caught up', async () => {
    await using server = await startTestFeed();
    await using feeds = open();
    server.mute(true);
    await feeds.follow([source('products', server.url)]);
    await until('it is subscribed', () => server.subscriptions.length > 0);
    expect([feeds.mayServe('products'), feeds.mayUseShared('products')]).toEqual([true, false]);
  });
});
