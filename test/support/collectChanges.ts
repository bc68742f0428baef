import type { ChangeEvent, ChangeFeed, Heartbeat } from '../../platform/database/database.js';

/** Items of the feed up to and including the first that fulfils `last`. */
export async function takeUntil(
  feed: ChangeFeed,
  last: (item: ChangeEvent | Heartbeat) => boolean,
): Promise<(ChangeEvent | Heartbeat)[]> {
  const iterator = feed[Symbol.asyncIterator]();
  const items: (ChangeEvent | Heartbeat)[] = [];
  for (;;) {
    const { done, value } = await iterator.next();
    if (done) throw new Error(`the feed ended after ${items.length} items`);
    items.push(value);
    if (last(value)) return items;
  }
}

/** The next `count` changes, without the heartbeats between them. */
export async function takeChanges(feed: ChangeFeed, count: number): Promise<ChangeEvent[]> {
  let seen = 0;
  const items = await takeUntil(feed, ({ kind }) => kind === 'change' && ++seen === count);
  return items.filter((item) => item.kind === 'change');
}

/** The next heartbeat; a change before it is a failure. */
export async function takeHeartbeat(feed: ChangeFeed): Promise<Heartbeat> {
  const [item] = await takeUntil(feed, () => true);
  if (item?.kind !== 'heartbeat') throw new Error(`a heartbeat was expected, not ${JSON.stringify(item)}`);
  return item;
}
