import { ManualTimers } from '../../test/support/manualTimers.js';
import { newLeaseStats } from './lease.js';
import type { LeaseLook } from './leaseWait.js';
import { LeaseWaits } from './leaseWaits.js';

/** Keys are held until the test says otherwise. */
function setUp(waitMs = 150) {
  const timers = new ManualTimers();
  const begun = timers.now();
  const stats = newLeaseStats();
  const states = new Map<string, LeaseLook>();
  const looks: { readonly atMs: number; readonly keys: readonly string[] }[] = [];
  const waits = new LeaseWaits({
    waitMs,
    timers,
    stats,
    look: async (keys) => {
      looks.push({ atMs: timers.now() - begun, keys });
      return keys.map((key) => states.get(key) ?? 'held');
    },
  });
  return { timers, stats, states, looks, waits };
}

describe('waiting for the loads of others', () => {
  it('looks soon at first and then less often, and ends when its time is over', async () => {
    const { timers, stats, looks, waits } = setUp();
    const wait = waits.begin('products');
    const ended = wait.forLoads(['a']);
    await timers.advance(149);
    expect(looks.map(({ atMs }) => atMs)).toEqual([5, 15, 35, 75, 115]);
    expect(wait.isOver).toBe(false);
    await timers.advance(1);
    expect(await ended).toEqual(['expired']);
    expect(wait.isOver).toBe(true);
    expect(stats).toMatchObject({ arrived: 0, freed: 0, expired: 1 });
    expect(timers.pending).toBe(0);
  });

  it('is over when its timer rings, also when the clock shows a moment before', async () => {
    const { timers, stats, states, waits } = setUp();
    const own = waits.begin('products');
    // Another fetch, with more time, looks for the key.
    await timers.advance(10);
    void waits.begin('products').forLoads(['a']);
    const ended = own.forLoads(['a']);
    const begun = timers.now();
    jest.spyOn(timers, 'now').mockImplementation(() => begun);
    await timers.advance(140);
    expect(await ended).toEqual(['expired']);
    expect(own.isOver).toBe(true);
    expect(stats.expired).toBe(1);
    jest.restoreAllMocks();
    states.set('a', 'free');
    await timers.advance(100);
    expect(timers.pending).toBe(0);
  });

  it('ends when all have arrived, without looking for those that have', async () => {
    const { timers, stats, states, looks, waits } = setUp();
    const ended = waits.begin('products').forLoads(['a', 'b']);
    states.set('a', 'arrived');
    await timers.advance(5);
    states.set('b', 'arrived');
    await timers.advance(10);
    expect(await ended).toEqual(['changed', 'changed']);
    expect(looks.map(({ keys }) => keys)).toEqual([['a', 'b'], ['b']]);
    expect(stats.arrived).toBe(2);
  });

  it('ends as soon as one may be loaded here, while others are still held', async () => {
    const { timers, stats, states, waits } = setUp();
    const wait = waits.begin('products');
    const ended = wait.forLoads(['a', 'b', 'c']);
    states.set('a', 'free').set('c', 'arrived');
    await timers.advance(5);
    expect(await ended).toEqual(['changed', 'held', 'changed']);
    expect(stats).toMatchObject({ arrived: 1, freed: 1, expired: 0 });
    const again = wait.forLoads(['b']);
    await timers.advance(145);
    expect(await again).toEqual(['expired']);
  });

  it('does not go on when it cannot be told who loads what', async () => {
    const { timers, states, looks, waits } = setUp();
    const ended = waits.begin('products').forLoads(['a']);
    states.set('a', 'silent');
    await timers.advance(5);
    expect(await ended).toEqual(['expired']);
    await timers.advance(1_000);
    expect(looks).toHaveLength(1);
  });

  it('looks once for all who wait for a key, and lets each end by its own time', async () => {
    const { timers, states, looks, waits } = setUp();
    const first = waits.begin('products').forLoads(['a', 'b']);
    const late = waits.begin('products');
    await timers.advance(100);
    const second = waits.begin('products').forLoads(['b', 'c']);
    const third = late.forLoads(['b']);
    const seen = looks.length;
    await timers.advance(15);
    expect(looks.slice(seen).map(({ keys }) => keys)).toEqual([['c'], ['a', 'b'], ['c']]);
    await timers.advance(35);
    expect(await first).toEqual(['expired', 'expired']);
    expect(await third).toEqual(['expired']);
    // Its own look for "b" ended with that of the first, and somebody has to load it.
    expect(await second).toEqual(['expired', 'held']);
    states.set('c', 'arrived');
    await timers.advance(100);
    expect(timers.pending).toBe(0);
  });

  it('ends at once for whoever is gone, and for nobody else', async () => {
    const { timers, states, waits } = setUp();
    const gone = new AbortController();
    const left = waits.begin('products', gone.signal).forLoads(['a']);
    const staying = waits.begin('products').forLoads(['a']);
    gone.abort(new Error('gone'));
    await expect(left).rejects.toThrow('gone');
    await expect(waits.begin('products', gone.signal).forLoads(['a'])).rejects.toThrow('gone');
    states.set('a', 'arrived');
    await timers.advance(5);
    expect(await staying).toEqual(['changed']);
  });
});
