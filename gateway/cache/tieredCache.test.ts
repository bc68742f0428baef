import { recordFor, STAGE_START } from '../../test/support/cacheTierContract.js';
import { heldRemoteTier } from '../../test/support/heldRemoteTier.js';
import { ManualTimers } from '../../test/support/manualTimers.js';
import type { CacheRecord } from './cacheTier.js';
import { MemoryStore } from './memoryStore.js';
import { TieredCache, type TieredCacheOptions, type TieredRead, type TieredToken } from './tieredCache.js';

type Options = Partial<TieredCacheOptions<unknown>>;

function openStage(options: Options = {}) {
  const timers = new ManualTimers();
  const startedAt = timers.now();
  const now = () => STAGE_START + timers.now() - startedAt;
  const remote = heldRemoteTier(now);
  const owing: boolean[] = [];
  const open = () => {
    return new TieredCache({
      memory: new MemoryStore({ maxBytes: 10_000_000, now }),
      remote,
      now,
      timers,
      settleBackoff: { minMs: 100, random: () => 1 },
      onOwing: (state) => owing.push(state),
      ...options,
    });
  };
  /** Another gateway on the same remote tier. */
  return { cache: open(), other: open(), remote, timers, owing };
}

async function readOne(cache: TieredCache, key: string): Promise<TieredRead> {
  return (await cache.read([key]))[0] as TieredRead;
}

async function load(cache: TieredCache, key: string, record: CacheRecord): Promise<boolean[]> {
  const [token] = await cache.begin([key]);
  const { kept, remote } = cache.write([{ key, record, token: token as TieredToken }]);
  return [kept[0] !== undefined, (await remote)[0] === true];
}

const purge = (...tags: string[]) => ({ tags, by: 'feed' as const });

describe('memory before a remote tier', () => {
  it('answers from memory without asking the remote tier', async () => {
    const { cache, remote } = openStage();
    expect(await load(cache, 'a', recordFor(['x']))).toEqual([true, true]);
    const asked = remote.calls.length;
    expect(await readOne(cache, 'a')).toEqual({ hit: recordFor(['x']), tier: 'memory', token: undefined });
    expect(cache.peek('a')?.record).toEqual(recordFor(['x']));
    expect(remote.calls).toHaveLength(asked);
  });

  it('asks the remote tier only for what memory lacks, and keeps a copy', async () => {
    const { cache, other } = openStage();
    await load(other, 'a', recordFor(['x'], { body: '1' }));
    await load(cache, 'b', recordFor(['x'], { body: '2' }));
    const reads = await cache.read(['a', 'b', 'c']);
    expect(reads.map(({ hit, tier }) => [hit?.body, tier])).toEqual([
      ['1', 'keyv'],
      ['2', 'memory'],
      [undefined, undefined],
    ]);
    expect((await readOne(cache, 'a')).tier).toBe('memory');
    expect(cache.stats.memory).toMatchObject({ hits: 2, misses: 2, fills: 2 });
    expect(cache.stats.remote).toMatchObject({ hits: 1, misses: 1, fills: 1 });
  });

  it('has a written record in memory before the remote tier has taken it', async () => {
    const { cache, remote } = openStage();
    const [token] = await cache.begin(['a']);
    const held = remote.hold('write', 'before');
    const write = cache.write([{ key: 'a', record: recordFor(['x']), token: token as TieredToken }]);
    expect(cache.peek('a')?.record).toBe(write.kept[0]);
    held.release();
    expect(await write.remote).toEqual([true]);
  });

  it('works without a remote tier', async () => {
    const memory = new MemoryStore({ maxBytes: 1_000_000, now: () => STAGE_START });
    const cache = new TieredCache({ memory, now: () => STAGE_START });
    expect(await load(cache, 'a', recordFor(['x']))).toEqual([true, false]);
    expect((await readOne(cache, 'a')).tier).toBe('memory');
    expect(await cache.count(['x'])).toEqual({ memory: 1, remote: 0 });
    expect(await cache.invalidate(purge('x'))).toEqual({ dropped: 1, remote: 'none' });
    expect((await readOne(cache, 'a')).token).toBeDefined();
    expect(await cache.settle()).toBe(true);
  });

  describe('stale records', () => {
    const stale = recordFor(['x'], {
      body: 'old',
      freshUntil: STAGE_START + 10,
      staleUntil: STAGE_START + 10_000,
    });

    it('are served from memory with a token, when the remote tier has nothing fresher', async () => {
      const { cache, timers } = openStage();
      await load(cache, 'a', stale);
      await timers.advance(20);
      const read = await readOne(cache, 'a');
      expect([read.hit?.body, read.tier]).toEqual(['old', 'memory']);
      expect(cache.peek('a')).toBeUndefined();
      const fill = { key: 'a', record: recordFor(['x'], { body: 'new' }), token: read.token as TieredToken };
      expect(await cache.write([fill]).remote).toEqual([true]);
      expect((await readOne(cache, 'a')).hit?.body).toBe('new');
    });

    it('give way to what another gateway has loaded', async () => {
      const { cache, other, timers } = openStage();
      await load(cache, 'a', stale);
      await timers.advance(20);
      await load(other, 'a', recordFor(['x'], { body: 'new' }));
      const read = await readOne(cache, 'a');
      expect([read.hit?.body, read.tier, read.token]).toEqual(['new', 'keyv', undefined]);
      expect((await readOne(cache, 'a')).tier).toBe('memory');
    });

    it('are not served once they were purged, though the read began before', async () => {
      const { cache, remote, timers } = openStage();
      await load(cache, 'a', stale);
      await timers.advance(20);
      const held = remote.hold('read', 'after');
      const reading = readOne(cache, 'a');
      await held.called;
      await cache.invalidate(purge('x'));
      held.release();
      expect((await reading).hit).toBeUndefined();
    });
  });
});

describe('an invalidation in two tiers', () => {
  it('is done in memory when the call returns, and then in the remote tier', async () => {
    const { cache, other, remote } = openStage();
    await load(cache, 'a', recordFor(['x']));
    const held = remote.hold('invalidate', 'before');
    const done = cache.invalidate(purge('x'));
    expect(cache.peek('a')).toBeUndefined();
    expect((await readOne(other, 'a')).hit).toBeDefined();
    held.release();
    expect(await done).toEqual({ dropped: 1, remote: 'told' });
    expect(await cache.count(['x'])).toEqual({ memory: 0, remote: 0 });
  });

  it('wins over a copy that was read from the remote tier before it', async () => {
    const { cache, other, remote } = openStage();
    await load(other, 'a', recordFor(['x']));
    const held = remote.hold('read', 'after');
    const reading = readOne(cache, 'a');
    await held.called;
    await cache.invalidate(purge('x'));
    held.release();
    const read = await reading;
    expect(read.hit).toBeUndefined();
    expect(cache.memory.size).toBe(0);
    // The load that follows begins after the purge: memory takes it.
    expect(
      cache.write([{ key: 'a', record: recordFor(['x']), token: read.token as TieredToken }]).kept[0],
    ).toBeDefined();
  });

  it('wins over a read that begins while the remote tier has not been told yet', async () => {
    const { cache, other, remote } = openStage();
    await load(other, 'a', recordFor(['x'], { body: 'old' }));
    const purging = remote.hold('invalidate', 'before');
    const done = cache.invalidate(purge('x'));
    await purging.called;
    expect((await readOne(cache, 'a')).hit).toBeUndefined();
    // The same when the answer arrives only after the purge.
    const reading = remote.hold('read', 'after');
    const read = readOne(cache, 'a');
    await reading.called;
    purging.release();
    await done;
    reading.release();
    expect((await read).hit).toBeUndefined();
    expect(cache.memory.size).toBe(0);
  });

  it('leaves other records alone meanwhile', async () => {
    const { cache, other, remote } = openStage();
    await load(other, 'a', recordFor(['y']));
    const purging = remote.hold('invalidate', 'before');
    const done = cache.invalidate(purge('x'));
    await purging.called;
    expect((await readOne(cache, 'a')).tier).toBe('keyv');
    purging.release();
    await done;
  });

  it('refuses fills that began before in both tiers, and does not send them', async () => {
    const { cache, remote } = openStage();
    const [token] = await cache.begin(['a']);
    await cache.invalidate(purge('x'));
    const { kept, remote: stored } = cache.write([
      { key: 'a', record: recordFor(['x']), token: token as TieredToken },
    ]);
    expect(kept).toEqual([undefined]);
    expect(await stored).toEqual([false]);
    expect(remote.calls).not.toContain('write');
    expect(cache.stats.memory).toMatchObject({ refused: 1, purges: 1 });
  });

  it('of another gateway refuses a fill in the remote tier', async () => {
    const { cache, other } = openStage();
    const [token] = await cache.begin(['a']);
    await other.invalidate(purge('x'));
    const { remote } = cache.write([{ key: 'a', record: recordFor(['x']), token: token as TieredToken }]);
    expect(await remote).toEqual([false]);
    expect((await readOne(other, 'a')).hit).toBeUndefined();
  });

  it('still stores in the remote tier what is too large for memory', async () => {
    const { cache, other } = openStage({
      memory: new MemoryStore({ maxBytes: 5_000, now: () => STAGE_START }),
    });
    expect(await load(cache, 'a', recordFor(['x'], { body: 'x'.repeat(4_000) }))).toEqual([false, true]);
    expect((await readOne(other, 'a')).hit).toBeDefined();
  });

  it('is remembered for those who ask why', async () => {
    const { cache, timers } = openStage();
    await load(cache, 'a', recordFor(['x', 'y']));
    await timers.advance(5);
    await cache.invalidate({ tags: ['y'], by: 'mutation' });
    const last = { tag: 'y', at: STAGE_START + 5, by: 'mutation' };
    expect(cache.lastPurge('a')).toEqual(last);
    expect(cache.lastPurge('b')).toBeUndefined();
    expect(cache.lastPurge('b', ['x', 'y'])).toEqual(last);
    await timers.advance(5);
    cache.invalidateMemory({ tags: ['x'], by: 'replica' });
    expect(cache.lastPurge('a', ['x'])).toEqual({ tag: 'x', at: STAGE_START + 10, by: 'replica' });
  });
});

describe('a remote tier that could not be told of an invalidation', () => {
  it('is neither read nor written until it was', async () => {
    const { cache, other, remote, owing } = openStage();
    await load(other, 'a', recordFor(['x'], { body: 'old' }));
    remote.isDown = true;
    expect(await cache.invalidate(purge('x'))).toEqual({ dropped: 0, remote: 'owed' });
    remote.isDown = false;
    const asked = remote.calls.length;
    const [miss] = await cache.read(['a']);
    expect(miss).toEqual({ token: { memory: expect.any(Number), remote: undefined } });
    expect(await load(cache, 'a', recordFor(['x'], { body: 'new' }))).toEqual([true, false]);
    expect(remote.calls).toHaveLength(asked);
    expect(cache.owedTags).toBe(1);

    expect(await cache.settle()).toBe(true);
    expect(cache.owedTags).toBe(0);
    expect(owing).toEqual([true, false]);
    expect(await load(cache, 'b', recordFor(['x']))).toEqual([true, true]);
    expect((await readOne(other, 'a')).tier).toBe('memory');
    other.memory.clear();
    expect((await readOne(other, 'a')).hit).toBeUndefined();
  });

  it('is not waited for by later invalidations, which are told with the first', async () => {
    const { cache, other, remote } = openStage();
    await load(other, 'a', recordFor(['x']));
    await load(other, 'b', recordFor(['y']));
    remote.isDown = true;
    await cache.invalidate(purge('x'));
    remote.isDown = false;
    expect((await cache.invalidate(purge('y'))).remote).toBe('owed');
    expect(remote.calls.filter((call) => call === 'invalidate')).toHaveLength(1);
    await cache.settle();
    expect(await cache.count(['x', 'y'])).toEqual({ memory: 0, remote: 0 });
  });

  it('is tried again with backoff, by itself', async () => {
    const { cache, remote, timers } = openStage();
    remote.isDown = true;
    await cache.invalidate(purge('x'));
    const attempts = () => remote.calls.filter((call) => call === 'invalidate').length;
    expect([attempts(), timers.pending]).toEqual([1, 1]);
    await timers.advance(99);
    expect(attempts()).toBe(1);
    for (const [index, delayMs] of [1, 200, 400].entries()) {
      await timers.advance(delayMs);
      expect(attempts()).toBe(index + 2);
    }
    remote.isDown = false;
    expect(cache.owedTags).toBe(1);
    await timers.advance(800);
    expect([cache.owedTags, timers.pending]).toEqual([0, 0]);
  });

  it('is told of what comes while it is being told, before it is used', async () => {
    const { cache, other, remote } = openStage();
    await load(other, 'b', recordFor(['y'], { body: 'old' }));
    remote.isDown = true;
    await cache.invalidate(purge('x'));
    remote.isDown = false;
    const held = remote.hold('invalidate', 'after');
    const settling = cache.settle();
    await held.called;
    expect((await cache.invalidate(purge('y'))).remote).toBe('owed');
    expect((await readOne(cache, 'b')).hit).toBeUndefined();
    held.release();
    expect(await settling).toBe(true);
    expect((await readOne(cache, 'b')).hit).toBeUndefined();
  });

  it('forgets everything when it owes too much', async () => {
    const { cache, other, remote } = openStage({ maxOwedTags: 3 });
    await load(other, 'a', recordFor(['unrelated']));
    remote.isDown = true;
    await cache.invalidate(purge('1', '2', '3'));
    expect(cache.owedTags).toBe(3);
    await cache.invalidate(purge('4'));
    expect(cache.owedTags).toBe(Number.POSITIVE_INFINITY);
    expect(await cache.settle()).toBe(false);
    expect(cache.owedTags).toBe(Number.POSITIVE_INFINITY);
    remote.isDown = false;
    expect(await cache.settle()).toBe(true);
    expect(remote.calls.at(-1)).toBe('purgeEverything');
    expect((await readOne(cache, 'a')).hit).toBeUndefined();
  });

  it('may be one that another worker could not tell', async () => {
    const { cache, other } = openStage();
    await load(other, 'a', recordFor(['x']));
    cache.owe(['x']);
    expect((await readOne(cache, 'a')).hit).toBeUndefined();
    await cache.settle();
    expect(await cache.count(['x'])).toEqual({ memory: 0, remote: 0 });
  });

  it('leaves nothing behind when it is closed', async () => {
    const { cache, remote, timers } = openStage();
    remote.isDown = true;
    await cache.invalidate(purge('x'));
    await cache.close();
    expect(timers.pending).toBe(0);
  });
});

describe('a source whose records in the remote tier may be out of date', () => {
  it('is neither read from there nor written there, until it has caught up', async () => {
    const behind = new Set(['products']);
    const { cache, other } = openStage({ mayUseRemote: (source) => !behind.has(source) });
    behind.clear();
    await load(other, 'a', recordFor(['subgraph:products', 'subgraph:orders'], { body: '1' }));
    await load(other, 'b', recordFor(['subgraph:orders'], { body: '2' }));
    behind.add('products');
    const reads = await cache.read(['a', 'b']);
    expect(reads.map(({ hit }) => hit?.body)).toEqual([undefined, '2']);
    expect(await load(cache, 'c', recordFor(['subgraph:products']))).toEqual([true, false]);
    behind.clear();
    expect((await readOne(cache, 'a')).tier).toBe('keyv');
  });

  it('is not trusted for what was read before its purges were applied', async () => {
    const behind = new Set(['products']);
    const { cache, other, remote } = openStage({ mayUseRemote: (source) => !behind.has(source) });
    behind.clear();
    await load(other, 'a', recordFor(['subgraph:products', 'x'], { body: 'old' }));
    behind.add('products');
    const held = remote.hold('read', 'after');
    const reading = readOne(cache, 'a');
    await held.called;
    await cache.invalidate(purge('x'));
    behind.clear();
    held.release();
    expect((await reading).hit).toBeUndefined();
  });
});
