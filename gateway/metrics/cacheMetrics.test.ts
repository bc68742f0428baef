import { Registry } from 'prom-client';
import { MAX_SUBGRAPHS, OTHER } from '../../platform/metrics/boundedLabel.js';
import { parsePrometheus } from '../../test/support/parsePrometheus.js';
import { createCacheMetrics } from './cacheMetrics.js';

describe('createCacheMetrics', () => {
  const registry = new Registry();
  const metrics = createCacheMetrics(registry);
  const samplesOf = async (name: string) =>
    parsePrometheus(await registry.metrics()).get(name)?.samples ?? [];

  it('has every series of responses from the start', async () => {
    const samples = await samplesOf('headgate_cache_responses_total');
    expect(samples.every(({ value }) => value === 0)).toBe(true);
    expect(samples).toContainEqual(
      expect.objectContaining({ labels: { outcome: 'hit', tier: 'memory' }, value: 0 }),
    );
  });

  it('counts responses by what the client reads as x-cache, and invents no series for others', async () => {
    const before = (await samplesOf('headgate_cache_responses_total')).length;
    const statuses = [
      'hit; tier=memory',
      'hit; tier=memory',
      'stale; tier=redis',
      'joined',
      'miss; stored',
      'miss',
      'made up; tier="}\n',
    ];
    for (const status of statuses) metrics.response(status);
    const samples = await samplesOf('headgate_cache_responses_total');
    expect(samples).toHaveLength(before);
    const counted = samples
      .filter(({ value }) => value > 0)
      .map(({ labels, value }) => ({ ...labels, value }));
    expect(counted).toEqual([
      { outcome: 'hit', tier: 'memory', value: 2 },
      { outcome: 'stale', tier: 'redis', value: 1 },
      { outcome: 'joined', tier: 'none', value: 1 },
      { outcome: 'stored', tier: 'none', value: 1 },
      { outcome: 'miss', tier: 'none', value: 1 },
      { outcome: 'other', tier: 'none', value: 1 },
    ]);
  });

  it('counts records of fetches per subgraph, of so many subgraphs and no more', async () => {
    metrics.fetches.count('products', 'hit', 3);
    metrics.fetches.count('products', 'hit', 2);
    for (let number = 0; number < MAX_SUBGRAPHS + 50; number++)
      metrics.fetches.count(`s${number}`, 'miss', 1);
    const samples = await samplesOf('headgate_cache_fetch_records_total');
    expect(samples).toContainEqual(
      expect.objectContaining({ labels: { subgraph: 'products', event: 'hit' }, value: 5 }),
    );
    expect(new Set(samples.map(({ labels }) => labels['subgraph'])).size).toBe(MAX_SUBGRAPHS + 1);
    // `products` has one of the places, so one more than 50 has none.
    expect(samples.find(({ labels }) => labels['subgraph'] === OTHER)?.value).toBe(51);
  });
});
