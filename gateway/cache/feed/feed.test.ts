import { silentLogger } from '../../../platform/logger.js';
import { type Held, held } from '../../../test/support/held.js';
import { ManualTimers } from '../../../test/support/manualTimers.js';
import { startTestFeed, type TestFeed } from '../../../test/support/testFeed.js';
import { until } from '../../../test/support/until.js';
import type { CursorStore } from './cursorStore.js';
import { createFeed, type Feed } from './feed.js';
import type { Epoch, FeedOptions } from './feedOptions.js';
import { createMemoryCursorStore } from './memoryCursorStore.js';

const open: AsyncDisposable[] = [];
afterEach(async () => {
  for (const resource of open.splice(0).reverse()) await resource[Symbol.asyncDispose]();
});

async function server(options: Parameters<typeof startTestFeed>[0] = {}): Promise<TestFeed> {
  const feed = await startTestFeed(options);
  open.push(feed);
  return feed;
}

interface Follower {
  readonly feed: Feed;
  /** What was done, in order: `purge a,b`, `epoch everything`, `saved c1`. */
  readonly done: string[];
  /** Purges that have begun. */
  begun: number;
  /** Purges and epochs wait for it while it is set. */
  gate: Held | undefined;
}

function follow(
  source: TestFeed,
  options: Partial<FeedOptions> = {},
  store = createMemoryCursorStore(),
): Follower {
  const done: string[] = [];
  const follower = { done, begun: 0, gate: undefined as Held | undefined };
  const recording: CursorStore = {
    load: (subgraph) => store.load(subgraph),
    async save(subgraph, cursor) {
      await store.save(subgraph, cursor);
      done.push(`saved ${cursor}`);
    },
  };
  const feed = createFeed({
    subgraph: 'products',
    url: source.url,
    token: 'secret',
    cursorStore: recording,
    saveEveryMs: 0,
    backoff: { minMs: 1, maxMs: 20 },
    logger: silentLogger(),
    async onInvalidation({ tags }) {
      follower.begun += 1;
      await follower.gate?.promise;
      done.push(`purge ${tags.join(',')}`);
    },
    async onEpoch(_subgraph: string, { scope }: Epoch) {
      await follower.gate?.promise;
      done.push(`epoch ${scope}`);
    },
    ...options,
  });
  open.push({ [Symbol.asyncDispose]: () => feed.close() });
  return Object.assign(follower, { feed });
}

const live = ({ feed }: Follower) => until('the feed is live', () => feed.status.state === 'live');
const did = (follower: Follower, what: string) => until(`${what}`, () => follower.done.includes(what));
const purges = (follower: Follower) => follower.done.filter((step) => !step.startsWith('saved'));

describe('a feed', () => {
  it('without a stored cursor purges everything once it is subscribed, and only then counts as live', async () => {
    const source = await server();
    const follower = follow(source);
    follower.gate = held();
    await until('it is subscribed', () => source.subscriptions.length === 1);
    source.push('during');
    await until('the event came', () => follower.feed.status.queuedTags === 1);
    expect(follower.done).toEqual([]);
    expect(follower.feed.status).toMatchObject({ mayUseShared: false, state: 'catching-up' });
    follower.gate.release();
    await did(follower, 'saved c1');
    expect(purges(follower)).toEqual(['epoch everything', 'purge during']);
    expect(follower.feed.status).toMatchObject({ state: 'live', mayServe: true, mayUseShared: true });
  });

  it('tells with an epoch since when loads have to be new', async () => {
    const source = await server();
    source.push('before');
    const epochs: Epoch[] = [];
    const follower = follow(source, { onEpoch: async (_subgraph, epoch) => void epochs.push(epoch) });
    await live(follower);
    expect(epochs).toEqual([{ scope: 'everything', operationTime: 'test@0000000000000001' }]);
    expect(follower.feed.status.operationTime).toBe('test@0000000000000001');
  });

  it('applies events in order, each after the one before is done, and joins those that waited', async () => {
    const source = await server();
    const follower = follow(source);
    await live(follower);
    follower.gate = held();
    source.push('a');
    await until('the first is being applied', () => follower.begun === 1);
    source.push('b');
    source.push('c', 'b');
    source.push('d');
    await until('the others wait', () => follower.feed.status.queuedTags === 3);
    expect(purges(follower)).toEqual(['epoch everything']);
    follower.gate.release();
    await did(follower, 'saved c4');
    expect(purges(follower).slice(1)).toEqual(['purge a', 'purge b,c,d']);
  });

  it('names tags as answers do: spaces and commas are encoded', async () => {
    const source = await server();
    const follower = follow(source);
    await live(follower);
    source.push('summer sale', 'a,b');
    await did(follower, 'purge summer%20sale,a%2Cb');
  });

  it('saves a cursor only when its purge is done', async () => {
    const source = await server();
    const follower = follow(source);
    await did(follower, 'saved c0');
    follower.gate = held();
    source.push('a');
    await until('the purge has begun', () => follower.begun === 1);
    source.heartbeat();
    expect(follower.done).not.toContain('saved c1');
    follower.gate.release();
    await did(follower, 'saved c1');
    expect(follower.done.indexOf('purge a')).toBeLessThan(follower.done.indexOf('saved c1'));
  });

  it('saves a cursor only when the shared cache has settled, while this process goes on', async () => {
    const source = await server();
    let settled: Held | undefined;
    const follower = follow(source, { settled: async () => settled?.promise });
    await did(follower, 'saved c0');
    settled = held();
    source.push('a');
    source.push('b');
    await until('both are applied', () => follower.feed.status.events >= 3);
    expect(follower.done).not.toContain('saved c1');
    expect(follower.done).not.toContain('saved c2');
    settled.release();
    await did(follower, 'saved c2');
  });

  it('replays what was purged but not saved when the process had died in between', async () => {
    const source = await server();
    const store = createMemoryCursorStore();
    await store.save('products', 'c0');
    const dying = follow(source, { settled: () => new Promise(() => undefined) }, store);
    await live(dying);
    source.push('a');
    await did(dying, 'purge a');
    await dying.feed.close();
    expect(await store.load('products')).toBe('c0');
    const next = follow(source, {}, store);
    await live(next);
    expect(purges(next)).toEqual(['purge a']);
  });

  it('resumes after the last applied cursor when its connection breaks', async () => {
    const source = await server();
    const follower = follow(source);
    source.push('a');
    await live(follower);
    source.cut();
    source.push('missed');
    await did(follower, 'purge missed');
    await until('it is live again', () => follower.feed.status.state === 'live');
    expect(source.subscriptions).toEqual([null, 'c1', null]);
    expect(follower.feed.status).toMatchObject({ epochs: 1, connections: 2 });
  });

  it('is not caught up before it has applied what had happened when it connected', async () => {
    const source = await server();
    const store = createMemoryCursorStore();
    source.push('a');
    source.push('b');
    source.push('c');
    await store.save('products', 'c1');
    const states: string[] = [];
    const follower = follow(source, { onStateChange: (state) => states.push(state) }, store);
    follower.gate = held();
    await until('it asked for the present', () => source.subscriptions.length === 2);
    await until('it is connected', () => follower.feed.status.state === 'catching-up');
    expect(follower.feed.status.mayUseShared).toBe(false);
    follower.gate.release();
    await live(follower);
    expect(states).toEqual(['catching-up', 'live']);
    expect(purges(follower).join()).toMatch(/^purge b(,c|,purge c)$/);
  });

  it('is caught up at once when nothing happened meanwhile', async () => {
    const source = await server();
    const store = createMemoryCursorStore();
    source.push('a');
    await store.save('products', 'c1');
    const follower = follow(source, {}, store);
    await live(follower);
    expect(follower.done).toEqual([]);
  });

  it('believes the heartbeat of a feed that knows no times', async () => {
    const source = await server({ timed: false });
    const store = createMemoryCursorStore();
    source.push('a');
    await store.save('products', 'c0');
    const follower = follow(source, {}, store);
    await did(follower, 'purge a');
    await until('it is live after a heartbeat', () => {
      source.heartbeat();
      return follower.feed.status.state === 'live';
    });
  });

  it('purges everything when its cursor is lost, and resumes from the present', async () => {
    const source = await server();
    const follower = follow(source);
    source.push('a');
    await did(follower, 'saved c1');
    source.forget();
    source.cut();
    await until('it began anew', () => follower.feed.status.epochs === 2);
    await live(follower);
    expect(source.subscriptions).toEqual([null, 'c1', null, null]);
    source.push('b');
    await did(follower, 'saved c2');
    expect(purges(follower).slice(-2)).toEqual(['epoch everything', 'purge b']);
  });

  it('goes back to an invalidation that could not be applied', async () => {
    const source = await server();
    let failures = 1;
    const applied: string[] = [];
    const follower = follow(source, {
      async onInvalidation({ tags }) {
        if (failures-- > 0) throw new Error('not now');
        applied.push(...tags);
      },
    });
    await live(follower);
    source.push('a');
    await until('it was applied', () => applied.includes('a'));
    expect(source.subscriptions.slice(0, 2)).toEqual([null, 'c0']);
  });

  it('purges the whole subgraph rather than keep an endless list of tags', async () => {
    const source = await server();
    const follower = follow(source, { maxQueuedTags: 5, maxBatchTags: 2 });
    await live(follower);
    follower.gate = held();
    source.push('first');
    await until('the first is being applied', () => follower.begun === 1);
    for (let i = 0; i < 6; i++) source.push(`tag-${i}`);
    await until('the list was given up', () => follower.feed.status.queuedTags === 1);
    follower.gate.release();
    await did(follower, 'saved c7');
    expect(purges(follower).slice(1)).toEqual(['purge first', 'purge subgraph:products']);
  });

  it('connects anew after something that is no invalidation, and keeps its cursor', async () => {
    const source = await server();
    const follower = follow(source);
    source.push('a');
    await did(follower, 'saved c1');
    source.sendRaw({ tags: [], cursor: '', operationTime: null });
    await until('it came back', () => source.subscriptions.length === 3);
    expect(source.subscriptions[1]).toBe('c1');
  });

  it('is refused with a wrong token, and serves nothing for longer than allowed', async () => {
    const source = await server({ token: 'another' });
    const timers = new ManualTimers();
    const follower = follow(source, { timers, heartbeatTimeoutMs: 1_000 });
    await timers.advance(500);
    expect(follower.feed.status).toMatchObject({ state: 'connecting', mayServe: true, mayUseShared: false });
    await timers.advance(600);
    expect(follower.feed.status).toMatchObject({ state: 'behind', mayServe: false });
    expect(source.subscriptions).toEqual([]);
  });
});

describe('a feed that falls silent', () => {
  it('is behind after the allowed time, is connected anew, and is live again once it has caught up', async () => {
    const source = await server();
    const timers = new ManualTimers();
    const states: string[] = [];
    const follower = follow(source, {
      timers,
      heartbeatTimeoutMs: 1_000,
      onStateChange: (state) => states.push(state),
    });
    await live(follower);
    source.mute(true);
    await timers.advance(1_000);
    expect(follower.feed.status).toMatchObject({ state: 'live', unconfirmedForMs: 1_000 });
    source.push('missed');
    await timers.advance(2);
    expect(follower.feed.status).toMatchObject({ state: 'behind', mayServe: false, mayUseShared: false });

    source.mute(false);
    await until('it is live again', async () => {
      await timers.advance(5);
      return follower.feed.status.state === 'live';
    });
    expect(follower.feed.status).toMatchObject({ mayServe: true, mayUseShared: true });
    expect(purges(follower)).toEqual(['epoch everything', 'purge missed']);
    expect(states).toEqual(['catching-up', 'live', 'behind', 'live']);
  });

  it('stays live as long as heartbeats come', async () => {
    const source = await server();
    const timers = new ManualTimers();
    const follower = follow(source, { timers, heartbeatTimeoutMs: 1_000 });
    await live(follower);
    for (let i = 0; i < 5; i++) {
      await timers.advance(900);
      const { events } = follower.feed.status;
      source.heartbeat();
      await until('the heartbeat was heard', () => follower.feed.status.events > events);
    }
    expect(follower.feed.status).toMatchObject({ state: 'live', connections: 1, unconfirmedForMs: 0 });
  });

  it('is behind when a purge takes longer than the allowance, since the cache is not up to date then', async () => {
    const source = await server();
    const timers = new ManualTimers();
    const follower = follow(source, { timers, heartbeatTimeoutMs: 1_000 });
    await live(follower);
    follower.gate = held();
    source.push('a');
    await until('it is being applied', () => follower.begun === 1);
    for (let i = 0; i < 3; i++) {
      source.heartbeat();
      await timers.advance(400);
    }
    expect(follower.feed.status.state).toBe('behind');
    follower.gate.release();
    await until('it is live again', async () => {
      await timers.advance(5);
      return follower.feed.status.state === 'live';
    });
  });
});

describe('a feed whose shared cache', () => {
  function faultyStore() {
    const store = createMemoryCursorStore();
    const state = { down: false };
    const check = () => {
      if (state.down) throw new Error('out of reach');
    };
    return {
      state,
      memory: store,
      store: {
        async load(subgraph: string) {
          check();
          return store.load(subgraph);
        },
        async save(subgraph: string, cursor: string) {
          check();
          await store.save(subgraph, cursor);
        },
      } satisfies CursorStore,
    };
  }

  it('cannot be asked at the start follows from the present, and replays from its cursor once it can', async () => {
    const source = await server();
    const { store, memory, state } = faultyStore();
    source.push('a');
    await memory.save('products', 'c0');
    state.down = true;
    const follower = follow(source, {}, store);
    await live(follower);
    expect(follower.feed.status).toMatchObject({ mayServe: true, mayUseShared: false });
    expect(purges(follower)).toEqual(['epoch process']);
    state.down = false;
    source.push('b');
    await until('the shared cache is in use', () => follower.feed.status.mayUseShared);
    expect(purges(follower).join()).toMatch(/purge a(,|,purge )b$/);
    expect(source.subscriptions).toContain('c0');
    await did(follower, 'saved c2');
  });

  it('fails to take a cursor bypasses it, and does not write over the cursor with which it comes back', async () => {
    const source = await server();
    const { store, memory, state } = faultyStore();
    const follower = follow(source, {}, store);
    await did(follower, 'saved c0');
    state.down = true;
    source.push('a');
    source.push('b');
    await until('it is bypassed', () => !follower.feed.status.mayUseShared);
    expect(follower.feed.status).toMatchObject({ state: 'live', mayServe: true });
    state.down = false;
    expect(await memory.load('products')).toBe('c0');
    source.push('c');
    await until('it is in use', () => follower.feed.status.mayUseShared);
    await did(follower, 'saved c3');
    expect(source.subscriptions).toContain('c0');
    expect(purges(follower).at(-1)).toMatch(/c$/);
  });

  it('comes back with an older cursor is replayed from there, and not read before', async () => {
    const source = await server();
    const store = createMemoryCursorStore();
    const follower = follow(source, {}, store);
    await live(follower);
    source.push('a');
    source.push('b');
    await did(follower, 'saved c2');
    await store.save('products', 'c1');
    follower.gate = held();
    await follower.feed.replay();
    expect(follower.feed.status).toMatchObject({ mayUseShared: false, mayServe: true });
    follower.gate.release();
    await until('it is in use', () => follower.feed.status.mayUseShared);
    expect(purges(follower).at(-1)).toBe('purge b');
  });

  it.each([
    ['at once', false],
    ['after it could not be asked', true],
  ])('comes back again during a replay, %s, and is not read before its end either', async (_, fails) => {
    const source = await server();
    const { store, memory, state } = faultyStore();
    const follower = follow(source, { heartbeatTimeoutMs: 60_000 }, store);
    await live(follower);
    source.push('a');
    source.push('b');
    await did(follower, 'saved c2');
    await memory.save('products', 'c1');
    follower.gate = held();
    const { begun } = follower;
    await follower.feed.replay();
    await until('it follows from the older cursor', () => follower.begun > begun);
    state.down = fails;
    await follower.feed.replay();
    state.down = false;
    await follower.feed.replay();
    const { status } = follower.feed;
    follower.gate.release();
    expect(status).toMatchObject({ mayUseShared: false, mayServe: true });
    await until('it is in use', () => follower.feed.status.mayUseShared);
    expect(purges(follower).at(-1)).toBe('purge b');
    await did(follower, 'saved c2');
  });

  it('comes back with the cursor of another process that is further makes this one miss nothing', async () => {
    const source = await server();
    const store = createMemoryCursorStore();
    const follower = follow(source, { heartbeatTimeoutMs: 60_000 }, store);
    await live(follower);
    source.push('a');
    await did(follower, 'saved c1');
    source.mute(true);
    source.push('b');
    await store.save('products', 'c2');
    source.mute(false);
    await follower.feed.replay();
    await until('it is in use', () => follower.feed.status.mayUseShared);
    expect(purges(follower)).toContain('purge b');
  });

  it('comes back empty loses what it held of the subgraph, while this process keeps its own', async () => {
    const source = await server();
    const store = createMemoryCursorStore();
    const follower = follow(source, {}, { ...store, load: async () => undefined });
    await live(follower);
    source.push('a');
    await did(follower, 'saved c1');
    await follower.feed.replay();
    expect(purges(follower)).toEqual(['epoch everything', 'purge a', 'epoch shared']);
    expect(follower.feed.status).toMatchObject({ state: 'live', mayUseShared: true });
    expect(source.subscriptions).toEqual([null]);
  });

  it('was never away needs no replay', async () => {
    const source = await server();
    const follower = follow(source);
    await live(follower);
    source.push('a');
    await did(follower, 'saved c1');
    await follower.feed.replay();
    expect(follower.feed.status).toMatchObject({ mayUseShared: true, connections: 1 });
  });
});
