import type { ChangeFeed, CollectionDefinition, Database } from '../../platform/database/database.js';
import { createEmbeddedDatabase } from '../../platform/database/embedded/embeddedDatabase.js';
import { CursorLostError } from '../../platform/database/errors.js';
import { silentLogger } from '../../platform/logger.js';
import { takeIds } from '../../test/support/takeIds.js';
import type { Change } from './changeRing.js';
import { type ChangeSource, createChangeSource } from './changeSource.js';

const NOTES: CollectionDefinition = {
  name: 'notes',
  shardKey: null,
  indexes: [],
  watched: true,
  read: { preference: 'primary', concern: 'majority' },
  write: { timeoutMs: 1_000 },
  maxTimeMs: 1_000,
};

interface Setup extends AsyncDisposable {
  readonly source: ChangeSource;
  /** How many streams the source opened on the database. */
  readonly opened: () => number;
  write(id: string): Promise<void>;
}

async function setUp(
  options: { capacity?: number; watch?: (open: Database['watch']) => Database['watch'] } = {},
): Promise<Setup> {
  const database = createEmbeddedDatabase({ name: 'test' });
  await database.ensure([NOTES]);
  let opened = 0;
  const open: Database['watch'] = (watchOptions) => {
    opened += 1;
    return database.watch(watchOptions);
  };
  const source = createChangeSource({
    database: { ...database, watch: options.watch?.(open) ?? open },
    collections: ['notes'],
    heartbeatMs: 60_000,
    retryMs: 0,
    capacity: options.capacity,
    logger: silentLogger(),
  });
  await source.ready;
  return {
    source,
    opened: () => opened,
    write: (id) => database.collection(NOTES).insertOne({ _id: id }),
    async [Symbol.asyncDispose]() {
      await source.close();
      await database.close();
    },
  };
}

describe('a change source', () => {
  it('gives every subscriber every change, from one stream', async () => {
    await using setup = await setUp();
    const subscribers = [setup.source.subscribe(), setup.source.subscribe()];
    // The first entry is a heartbeat: from then on nothing is missed.
    for (const subscriber of subscribers) expect((await subscriber.next()).value?.kind).toBe('heartbeat');
    await setup.write('a');
    await setup.write('b');
    for (const subscriber of subscribers) expect(await takeIds(subscriber, 2)).toEqual(['a', 'b']);
    expect(setup.opened()).toBe(1);
    for (const subscriber of subscribers) await subscriber.return();
  });

  it('goes on after a cursor it still remembers, without asking the database', async () => {
    await using setup = await setUp();
    const first = setup.source.subscribe();
    const start = (await first.next()).value as Change;
    await setup.write('a');
    await setup.write('b');
    await takeIds(first, 2);
    await first.return();
    const again = setup.source.subscribe({ after: start.cursor });
    expect(await takeIds(again, 2)).toEqual(['a', 'b']);
    expect(setup.opened()).toBe(1);
    await again.return();
  });

  it('reads from the database what it has forgotten, then goes on live, with nothing twice or left out', async () => {
    await using setup = await setUp({ capacity: 3 });
    const slow = setup.source.subscribe();
    await slow.next();
    for (let index = 0; index < 10; index++) await setup.write(`n${index}`);
    // Another subscriber that has seen the last one proves that the ring has moved on.
    const witness = setup.source.subscribe({ after: undefined });
    await witness.next();
    await setup.write('n10');
    await takeIds(witness, 1);
    expect(await takeIds(slow, 11)).toEqual(Array.from({ length: 11 }, (_, index) => `n${index}`));
    expect(setup.opened()).toBeGreaterThan(1);
    const openedBefore = setup.opened();
    await setup.write('live');
    expect(await takeIds(slow, 1)).toEqual(['live']);
    expect(setup.opened()).toBe(openedBefore);
    await Promise.all([slow.return(), witness.return()]);
  });

  it('tells a subscriber whose cursor nobody remembers', async () => {
    await using setup = await setUp();
    await expect(setup.source.subscribe({ after: 'of-another-life' }).next()).rejects.toThrow(
      CursorLostError,
    );
  });

  it('lets a subscriber go that waits for something that never comes', async () => {
    await using setup = await setUp();
    const subscriber = setup.source.subscribe();
    await subscriber.next();
    const waiting = subscriber.next();
    expect(setup.source.subscribers).toBe(1);
    await subscriber.return();
    expect(await waiting).toEqual({ done: true, value: undefined });
    expect(setup.source.subscribers).toBe(0);
  });

  it('ends its subscribers when it closes', async () => {
    const setup = await setUp();
    const subscriber = setup.source.subscribe();
    await subscriber.next();
    const waiting = subscriber.next();
    await setup[Symbol.asyncDispose]();
    expect((await waiting).done).toBe(true);
  });

  it('resumes after its last entry when the stream fails, and its subscribers notice nothing', async () => {
    const faults: ((error: Error) => void)[] = [];
    await using setup = await setUp({ watch: (open) => (options) => failing(open(options), faults) });
    const subscriber = setup.source.subscribe();
    await subscriber.next();
    await setup.write('a');
    expect(await takeIds(subscriber, 1)).toEqual(['a']);
    faults[0]?.(new Error('the network is gone'));
    await setup.write('b');
    expect(await takeIds(subscriber, 1)).toEqual(['b']);
    expect(setup.opened()).toBe(2);
    await subscriber.return();
  });

  it('tells its subscribers when the stream has lost its place, and serves new ones', async () => {
    const faults: ((error: Error) => void)[] = [];
    await using setup = await setUp({ watch: (open) => (options) => failing(open(options), faults) });
    const subscriber = setup.source.subscribe();
    await subscriber.next();
    const waiting = subscriber.next();
    faults[0]?.(new CursorLostError('the oplog has moved on'));
    await expect(waiting).rejects.toThrow(CursorLostError);
    const later = setup.source.subscribe();
    expect((await later.next()).value?.kind).toBe('heartbeat');
    await setup.write('a');
    expect(await takeIds(later, 1)).toEqual(['a']);
    await later.return();
  });
});

/** The same feed, which fails when the function that it adds to `faults` is called. */
function failing(feed: ChangeFeed, faults: ((error: Error) => void)[]): ChangeFeed {
  const fault = new Promise<never>((_resolve, reject) => {
    faults.push(reject);
  });
  fault.catch(() => undefined);
  return {
    ready: feed.ready,
    close: () => feed.close(),
    async *[Symbol.asyncIterator]() {
      const iterator = feed[Symbol.asyncIterator]();
      for (;;) {
        const { done, value } = await Promise.race([iterator.next(), fault]);
        if (done) return;
        yield value;
      }
    },
  };
}
