import { Registry } from 'prom-client';
import { parsePrometheus } from '../../test/support/parsePrometheus.js';
import { createKeyvTier } from '../cache/keyvTier.js';
import { MemoryStore } from '../cache/memoryStore.js';
import type { RemoteTier } from '../cache/remoteTier.js';
import { TieredCache } from '../cache/tieredCache.js';
import { createTierMetrics } from './tierMetrics.js';

const record = {
  body: '{}',
  tags: ['a'],
  createdAt: 0,
  freshUntil: Number.MAX_SAFE_INTEGER,
  staleUntil: Number.MAX_SAFE_INTEGER,
  errorUntil: Number.MAX_SAFE_INTEGER,
  scope: 'public',
} as const;

describe('createTierMetrics', () => {
  it('tells what a real store did, when asked', async () => {
    const registry = new Registry();
    const maxMemoryBytes = 1024 * 1024;
    const store = new TieredCache({ memory: new MemoryStore({ maxBytes: maxMemoryBytes }) });
    createTierMetrics(registry, { store, maxMemoryBytes, breaker: { state: 'open' } });

    const [read] = await store.read(['k']);
    if (read?.token === undefined) throw new Error('expected a miss');
    await store.write([{ key: 'k', record, token: read.token }]).remote;
    await store.read(['k']);
    const families = parsePrometheus(await registry.metrics());
    const sampleOf = (name: string, labels: Record<string, string> = {}) =>
      families.get(name)?.samples.find((sample) => {
        return Object.entries(labels).every(([label, value]) => sample.labels[label] === value);
      })?.value;

    const tier = 'memory';
    expect(sampleOf('headgate_cache_tier_lookups_total', { tier, outcome: 'miss' })).toBe(1);
    expect(sampleOf('headgate_cache_tier_lookups_total', { tier, outcome: 'hit' })).toBe(1);
    expect(sampleOf('headgate_cache_tier_fills_total', { tier, outcome: 'stored' })).toBe(1);
    expect(sampleOf('headgate_cache_memory_records')).toBe(1);
    expect(sampleOf('headgate_cache_memory_bytes')).toBe(store.memory.bytes);
    expect(sampleOf('headgate_cache_memory_max_bytes')).toBe(maxMemoryBytes);
    expect(sampleOf('headgate_cache_breaker_state', { state: 'open' })).toBe(1);
    expect(sampleOf('headgate_cache_breaker_state', { state: 'closed' })).toBe(0);

    await store.invalidate({ tags: ['a'], by: 'operator' });
    const after = parsePrometheus(await registry.metrics());
    expect(after.get('headgate_cache_tier_dropped_records_total')?.samples[0]?.value).toBe(1);
    expect(after.get('headgate_cache_memory_records')?.samples[0]?.value).toBe(0);
  });

  it('tells of leases where they are in use', async () => {
    const maxMemoryBytes = 1024 * 1024;
    const samplesWith = async (leases: { waitMs: number } | undefined) => {
      const registry = new Registry();
      const memory = new MemoryStore({ maxBytes: maxMemoryBytes });
      const remote: RemoteTier = {
        ...createKeyvTier(),
        read: async (keys, asked) =>
          keys.map((key) => ({
            token: undefined,
            lease: asked?.mode === 'take' && key === 'a' ? 'taken' : 'held',
          })),
      };
      const store = new TieredCache({ memory, remote, leases });
      createTierMetrics(registry, { store, maxMemoryBytes });
      await store.read(['a', 'b', 'c'], 'products');
      await store.leaseWaits.begin('products').forLoads(['b']);
      const families = parsePrometheus(await registry.metrics());
      const of = (name: string) =>
        Object.fromEntries(
          (families.get(name)?.samples ?? []).map(({ labels, value }) => [labels['outcome'], value]),
        );
      return [of('headgate_cache_leases_total'), of('headgate_cache_lease_waits_total')];
    };
    expect(await samplesWith({ waitMs: 1 })).toEqual([
      { taken: 1, overtaken: 0, held: 2 },
      { arrived: 0, freed: 0, expired: 1 },
    ]);
    expect(await samplesWith(undefined)).toEqual([{}, {}]);
  });
});
