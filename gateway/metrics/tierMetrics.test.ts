import { Registry } from 'prom-client';
import { parsePrometheus } from '../../test/support/parsePrometheus.js';
import { MemoryStore } from '../cache/memoryStore.js';
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
});
