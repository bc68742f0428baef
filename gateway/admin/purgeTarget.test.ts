import { ManualTimers } from '../../test/support/manualTimers.js';
import type { Invalidation } from '../cache/invalidation.js';
import { createPurgeTarget } from './purgeTarget.js';

const memory = { name: 'memory', count: async (tags: readonly string[]) => tags.length } as const;

function create(tiers: Parameters<typeof createPurgeTarget>[0]['tiers'], timers = new ManualTimers()) {
  const applied: Invalidation[] = [];
  const target = createPurgeTarget({
    subgraphs: () => ['products', 'inventory'],
    tiers,
    apply: async (invalidation) => void applied.push(invalidation),
    timers,
  });
  return { target, applied, timers };
}

describe('createPurgeTarget', () => {
  it('invalidates for each source, on behalf of the operator, after counting', async () => {
    const { target, applied } = create([
      { name: 'memory', count: async () => (applied.length === 0 ? 5 : 0) },
    ]);
    const counts = await target.purge({ tags: ['a', 'b'], sources: ['products', 'inventory'] });
    expect(counts).toEqual({ memory: 5 });
    expect(applied).toEqual([
      { source: 'products', tags: ['a', 'b'], by: 'operator' },
      { source: 'inventory', tags: ['a', 'b'], by: 'operator' },
    ]);
  });

  it('counts in each tier, and invalidates nothing, when asked to count', async () => {
    const { target, applied } = create([memory, { name: 'redis', count: async () => 40 }]);
    expect(await target.count(['a'])).toEqual({ memory: 1, redis: 40 });
    expect(applied).toEqual([]);
  });

  it('purges where a tier cannot be counted', async () => {
    const { target, applied } = create([
      memory,
      { name: 'redis', count: () => Promise.reject(new Error('out of reach')) },
    ]);
    expect(await target.purge({ tags: ['a'], sources: ['products'] })).toEqual({ memory: 1, redis: null });
    expect(applied).toHaveLength(1);
  });

  it('does not let a tier that counts for ever hold up a purge for longer than 2 s', async () => {
    const { target, applied, timers } = create([
      memory,
      { name: 'redis', count: () => new Promise<number>(() => undefined) },
    ]);
    const purged = target.purge({ tags: ['a'], sources: ['products'] });
    await timers.advance(1_999);
    expect(applied).toEqual([]);
    await timers.advance(1);
    expect(await purged).toEqual({ memory: 1, redis: null });
    expect(applied).toHaveLength(1);
    expect(timers.pending).toBe(0);
  });
});
