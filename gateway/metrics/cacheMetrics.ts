import { Counter, type Registry } from 'prom-client';
import { limitedLabel, MAX_SUBGRAPHS } from '../../platform/metrics/boundedLabel.js';
import type { FetchCacheMetrics } from '../cache/fetch/fetchCacheMetrics.js';
import { fixedCounter } from './fixedCounter.js';

/** How requests and fetches fared with the caches. For the tiers behind them see `createTierMetrics`. */
export interface CacheMetrics {
  /** Whole responses. @param cacheStatus what the client reads as `x-cache`, such as `hit; tier=memory` */
  response(cacheStatus: string): void;
  /** Root fetches and entities. */
  readonly fetches: FetchCacheMetrics;
}

const OUTCOMES = ['hit', 'stale', 'joined', 'stored', 'miss', 'other'] as const;
const TIERS = ['memory', 'redis', 'keyv', 'none'] as const;

export function createCacheMetrics(registry: Registry): CacheMetrics {
  const responses = fixedCounter({
    registry,
    name: 'headgate_cache_responses_total',
    help: 'Responses to clients: from cache (hit, stale), with another request (joined), or made anew and kept (stored) or not (miss).',
    labels: { outcome: OUTCOMES, tier: TIERS },
  });
  const records = new Counter({
    name: 'headgate_cache_fetch_records_total',
    help: 'Root fetches and entities by what became of each; after a load also whether it was stored or refused.',
    labelNames: ['subgraph', 'event'],
    registers: [registry],
  });
  const subgraphLabel = limitedLabel(MAX_SUBGRAPHS);
  const seriesOf = new Map([
    ['miss', responses.series(['miss', 'none'])],
    ['miss; stored', responses.series(['stored', 'none'])],
    ['joined', responses.series(['joined', 'none'])],
  ]);
  for (const outcome of ['hit', 'stale']) {
    for (const tier of TIERS) seriesOf.set(`${outcome}; tier=${tier}`, responses.series([outcome, tier]));
  }
  const other = responses.series(['other', 'none']);
  return {
    response(cacheStatus) {
      (seriesOf.get(cacheStatus) ?? other).value += 1;
    },
    fetches: {
      count: (subgraph, event, amount) => records.inc({ subgraph: subgraphLabel(subgraph), event }, amount),
    },
  };
}
