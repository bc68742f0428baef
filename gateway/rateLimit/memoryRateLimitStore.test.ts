import { ManualTimers } from '../../test/support/manualTimers.js';
import { describeRateLimitStore } from '../../test/support/rateLimitStoreContract.js';
import { quotaOf } from './gcra.js';
import { createMemoryRateLimitStore } from './memoryRateLimitStore.js';

const timers = new ManualTimers();

describeRateLimitStore('memory', async () => {
  let skewMs = 0;
  return {
    store: createMemoryRateLimitStore({ maxEntries: 1_000, now: () => timers.now() + skewMs }),
    async advance(_key, durationMs) {
      skewMs += durationMs;
    },
  };
});

describe('counts in memory', () => {
  it('are bounded: who was unseen for longest is forgotten, and nobody else', () => {
    const store = createMemoryRateLimitStore({ maxEntries: 3, now: () => timers.now() });
    const quota = quotaOf(1, 3_600);
    for (const key of ['a', 'b', 'c']) store.spend(key, quota);
    store.spend('a', quota);
    store.spend('d', quota);
    expect(store.size).toBe(3);
    expect(['a', 'c', 'd'].map((key) => store.spend(key, quota).isAdmitted)).toEqual([false, false, false]);
    expect(store.spend('b', quota).isAdmitted).toBe(true);
  });
});
