import type {
  ChangeFeed,
  CollectionDefinition,
  Database,
  WatchOptions,
} from '../../platform/database/database.js';
import { createEmbeddedDatabase } from '../../platform/database/embedded/embeddedDatabase.js';
import { DatabaseUnavailableError } from '../../platform/database/errors.js';
import { silentLogger } from '../../platform/logger.js';
import { takeIds } from '../../test/support/takeIds.js';
import { until } from '../../test/support/until.js';
import type { Change } from './changeRing.js';
import { createChangeSource } from './changeSource.js';

const NOTES: CollectionDefinition = {
  name: 'notes',
  shardKey: null,
  indexes: [],
  watched: true,
  read: { preference: 'primary', concern: 'majority' },
  write: { timeoutMs: 1_000 },
  maxTimeMs: 1_000,
};
const OTHERS: CollectionDefinition = { ...NOTES, name: 'others' };

/** By default a source that remembers three changes, on a database that has had ten since the cursor `begin`. */
async function setUp(options: { watch?: Wrap; heartbeatMs?: number; capacity?: number } = {}) {
  const { watch, heartbeatMs = 60_000, capacity = 3 } = options;
  const database = createEmbeddedDatabase({ name: 'test' });
  await database.ensure([NOTES, OTHERS]);
  const streams = { open: 0, opened: 0, most: 0 };
  const counted: Database['watch'] = (options) => {
    const feed = database.watch(options);
    streams.open += 1;
    streams.opened += 1;
    streams.most = Math.max(streams.most, streams.open);
    let isClosed = false;
    const close = async () => {
      if (!isClosed) streams.open -= 1;
      isClosed = true;
      await feed.close();
    };
    return { ready: feed.ready, close, [Symbol.asyncIterator]: () => feed[Symbol.asyncIterator]() };
  };
  const source = createChangeSource({
    database: { ...database, watch: watch?.(counted) ?? counted },
    collections: ['notes'],
    heartbeatMs,
    retryMs: 0,
    capacity,
    logger: silentLogger(),
  });
  await source.ready;
  const write = (id: string) => database.collection(NOTES).insertOne({ _id: id });
  const first = source.subscribe();
  const begin = ((await first.next()).value as Change).cursor;
  for (const id of MISSED) await write(id);
  await takeIds(first, MISSED.length);
  await first.return();
  return {
    source,
    begin,
    streams,
    write,
    writeElsewhere: (id: string) => database.collection(OTHERS).insertOne({ _id: id }),
    async [Symbol.asyncDispose]() {
      await source.close();
      await database.close();
    },
  };
}

type Wrap = (open: Database['watch']) => (options: WatchOptions) => ChangeFeed;
const MISSED = Array.from({ length: 10 }, (_, index) => `n${index}`);

describe('history', () => {
  it('is read for a few at a time, and for all in the end, when everybody comes back at once', async () => {
    await using setup = await setUp();
    const subscribers = Array.from({ length: 100 }, () => setup.source.subscribe({ after: setup.begin }));
    const histories = await Promise.all(subscribers.map((subscriber) => takeIds(subscriber, MISSED.length)));
    for (const history of histories) expect(history).toEqual(MISSED);
    expect(setup.streams.most).toBeLessThan(20);
    await setup.write('live');
    const live = await Promise.all(subscribers.map((subscriber) => takeIds(subscriber, 1)));
    for (const next of live) expect(next).toEqual(['live']);
    expect(setup.streams.open).toBe(1);
    await Promise.all(subscribers.map((subscriber) => subscriber.return()));
  });

  it('is not kept from others by subscribers that take their time', async () => {
    await using setup = await setUp();
    const slow = Array.from({ length: 40 }, () => setup.source.subscribe({ after: setup.begin }));
    for (const subscriber of slow) expect(await takeIds(subscriber, 1)).toEqual(['n0']);
    const quick = setup.source.subscribe({ after: setup.begin });
    expect(await takeIds(quick, MISSED.length)).toEqual(MISSED);
    await Promise.all([quick, ...slow].map((subscriber) => subscriber.return()));
  });

  it('is left by those who wait for their turn, or read, and do not want it any more', async () => {
    const opened: WatchOptions[] = [];
    const hanging: ChangeFeed = {
      ready: Promise.resolve(),
      close: async () => stop(),
      [Symbol.asyncIterator]: () => ({
        next: async () => {
          await stopped;
          return { done: true, value: undefined };
        },
      }),
    };
    let stop = (): void => undefined;
    const stopped = new Promise<void>((resolve) => {
      stop = resolve;
    });
    await using setup = await setUp({
      watch: (open) => (options) => {
        if (options.after === undefined) return open(options);
        opened.push(options);
        return hanging;
      },
    });
    const subscribers = Array.from({ length: 40 }, () => setup.source.subscribe({ after: setup.begin }));
    const reads = subscribers.map((subscriber) => subscriber.next());
    await until('some read', () => opened.length > 0);
    const begun = opened.length;
    await Promise.all(subscribers.toReversed().map((subscriber) => subscriber.return()));
    for (const read of reads) expect(await read).toEqual({ done: true, value: undefined });
    expect(opened.length).toBe(begun);
    expect(setup.source.subscribers).toBe(0);
  });

  it('is tried again while the database is away, and its subscriber notices nothing', async () => {
    let faults = 2;
    await using setup = await setUp({
      watch: (open) => (options) => {
        const feed = open(options);
        if (options.after === undefined || faults === 0) return feed;
        faults -= 1;
        return failingAfter(4, feed);
      },
    });
    const subscriber = setup.source.subscribe({ after: setup.begin });
    expect(await takeIds(subscriber, MISSED.length)).toEqual(MISSED);
    expect(faults).toBe(0);
    await subscriber.return();
  });

  it('ends at a time, too: heartbeats of two streams have no cursor in common', async () => {
    await using setup = await setUp({ heartbeatMs: 5, capacity: 1_000, watch: withCursorsOfItsOwn });
    const witness = setup.source.subscribe();
    const { cursor } = (await witness.next()).value as Change;
    await setup.writeElsewhere('a');
    const subscriber = setup.source.subscribe({ after: `stream 99 ${cursor.replace(OWN, '')}` });
    const next = takeIds(subscriber, 2);
    await until('it reads history', () => setup.streams.opened > 1);
    await setup.writeElsewhere('b');
    // Each stream of its own would be silent, or read again, until a change comes that both have.
    let settled: number;
    do {
      settled = setup.streams.opened;
      for (let count = 0; count < 20; count++) await witness.next();
    } while (setup.streams.open > 1 || setup.streams.opened > settled);
    await witness.return();
    await setup.write('live');
    await setup.write('later');
    expect(await next).toEqual(['live', 'later']);
    await subscriber.return();
  });
});

/** Fails after so many entries. */
function failingAfter(count: number, feed: ChangeFeed): ChangeFeed {
  return {
    ready: feed.ready,
    close: () => feed.close(),
    async *[Symbol.asyncIterator]() {
      let left = count;
      for await (const entry of feed) {
        if (left === 0) throw new DatabaseUnavailableError('no primary');
        left -= 1;
        yield entry;
      }
    },
  };
}

const OWN = /^stream \d+ /;

/** As MongoDB does: the cursor of a change is that of the change, the cursor of a heartbeat is that of its stream. */
function withCursorsOfItsOwn(open: Database['watch']): (options: WatchOptions) => ChangeFeed {
  let streams = 0;
  return (options) => {
    streams += 1;
    const own = `stream ${streams} `;
    const feed = open({ ...options, after: options.after?.replace(OWN, '') });
    return {
      ready: feed.ready,
      close: () => feed.close(),
      async *[Symbol.asyncIterator]() {
        for await (const entry of feed) {
          yield entry.kind === 'change' ? entry : { ...entry, cursor: `${own}${entry.cursor}` };
        }
      },
    };
  };
}
