import { Registry } from 'prom-client';
import { parsePrometheus } from '../../test/support/parsePrometheus.js';
import type { FeedStatus } from '../cache/feed/feed.js';
import { createFeedMetrics } from './feedMetrics.js';

const live: FeedStatus = {
  subgraph: 'products',
  state: 'live',
  mayServe: true,
  mayUseShared: true,
  operationTime: undefined,
  unconfirmedForMs: 1_500,
  queuedTags: 4,
  lastPurgeMs: undefined,
  events: 10,
  connections: 2,
  epochs: 1,
};

describe('createFeedMetrics', () => {
  it('tells the state of each feed, and of none that is no longer followed', async () => {
    const registry = new Registry();
    let statuses = [live, { ...live, subgraph: 'inventory', state: 'behind' as const }];
    createFeedMetrics(registry, () => statuses);
    const labelsOfState = async () =>
      parsePrometheus(await registry.metrics())
        .get('headgate_feed_state')
        ?.samples.filter(({ value }) => value === 1)
        .map(({ labels }) => labels);
    expect(await labelsOfState()).toEqual([
      { subgraph: 'products', state: 'live' },
      { subgraph: 'inventory', state: 'behind' },
    ]);
    statuses = [live];
    expect(await labelsOfState()).toEqual([{ subgraph: 'products', state: 'live' }]);
    const families = parsePrometheus(await registry.metrics());
    expect(families.get('headgate_feed_unconfirmed_seconds')?.samples[0]?.value).toBe(1.5);
    expect(families.get('headgate_feed_connections_total')?.samples[0]?.value).toBe(2);
  });
});
