import type { Registry } from 'prom-client';
import type { BreakerState } from '../../platform/circuitBreaker.js';
import { pulledCounter, pulledGauge } from '../../platform/metrics/pulledMetric.js';
import type { TieredCache } from '../cache/tieredCache.js';
import type { TierStats } from '../cache/tierStats.js';

export interface TierSources {
  readonly store: {
    readonly stats: TieredCache['stats'];
    readonly remoteName: TieredCache['remoteName'];
    readonly owedTags: number;
    readonly leaseStats: TieredCache['leaseStats'];
    readonly memory: Pick<TieredCache['memory'], 'bytes' | 'size' | 'evicted'>;
  };
  /** What the memory tier may take. */
  readonly maxMemoryBytes: number;
  /** Of the remote tier. */
  readonly breaker?: { readonly state: BreakerState } | undefined;
}

const BREAKER_STATES = ['closed', 'half-open', 'open'] as const satisfies BreakerState[];

/** The tiers, whichever grain uses them. Both grains share one store, so what a tier does is told once. */
export function createTierMetrics(registry: Registry, sources: TierSources): void {
  const { store, maxMemoryBytes, breaker } = sources;

  function* tiers(): Generator<{ tier: string; stats: Readonly<TierStats> }> {
    const { memory, remote } = store.stats;
    yield { tier: 'memory', stats: memory };
    if (remote !== undefined && store.remoteName !== undefined)
      yield { tier: store.remoteName, stats: remote };
  }
  const count = (
    name: string,
    help: string,
    outcomes: Readonly<Record<string, (stats: Readonly<TierStats>) => number>>,
  ) =>
    pulledCounter({
      registry,
      name,
      help,
      labelNames: ['tier', 'outcome'],
      *read() {
        for (const { tier, stats } of tiers()) {
          for (const [outcome, of] of Object.entries(outcomes))
            yield { labels: { tier, outcome }, value: of(stats) };
        }
      },
    });
  count(
    'headgate_cache_tier_lookups_total',
    'Keys looked up. Bypassed: not asked, since it could miss a purge.',
    {
      hit: (stats) => stats.hits,
      stale: (stats) => stats.stale,
      miss: (stats) => stats.misses,
      bypassed: (stats) => stats.bypassed,
    },
  );
  count(
    'headgate_cache_tier_fills_total',
    'Records offered. Refused: invalidated while they were loaded, or not kept.',
    {
      stored: (stats) => stats.fills,
      refused: (stats) => stats.refused,
    },
  );
  count(
    'headgate_cache_tier_purges_total',
    'Invalidations that came, and those among them that the tier could not be told at once.',
    {
      received: (stats) => stats.purges,
      delayed: (stats) => stats.failures,
    },
  );
  pulledCounter({
    registry,
    name: 'headgate_cache_tier_dropped_records_total',
    help: 'Records that went by invalidations; a remote tier drops them when they are next looked up, uncounted.',
    labelNames: ['tier'],
    *read() {
      for (const { tier, stats } of tiers()) yield { labels: { tier }, value: stats.dropped };
    },
  });
  pulledCounter({
    registry,
    name: 'headgate_cache_leases_total',
    help: 'Keys to load while others may be loading them: the lease was taken, overtaken since a purge had closed it, or held by another process.',
    labelNames: ['outcome'],
    *read() {
      if (store.leaseStats === undefined) return;
      const { taken, overtaken, held } = store.leaseStats;
      for (const [outcome, value] of Object.entries({ taken, overtaken, held }))
        yield { labels: { outcome }, value };
    },
  });
  pulledCounter({
    registry,
    name: 'headgate_cache_lease_waits_total',
    help: 'Waits for what another process was loading: the record arrived, the lease was freed without one, or the time expired.',
    labelNames: ['outcome'],
    *read() {
      if (store.leaseStats === undefined) return;
      const { arrived, freed, expired } = store.leaseStats;
      for (const [outcome, value] of Object.entries({ arrived, freed, expired }))
        yield { labels: { outcome }, value };
    },
  });
  pulledGauge({
    registry,
    name: 'headgate_cache_owed_tags',
    help: 'Tags that the remote tier still has to be told; it is bypassed until there are none.',
    read: () => [{ value: store.owedTags }],
  });
  pulledGauge({
    registry,
    name: 'headgate_cache_breaker_state',
    help: '1 for the state that the circuit breaker of the remote tier is in, 0 for the others.',
    labelNames: ['state'],
    *read() {
      if (breaker === undefined) return;
      for (const state of BREAKER_STATES) yield { labels: { state }, value: state === breaker.state ? 1 : 0 };
    },
  });
  pulledGauge({
    registry,
    name: 'headgate_cache_memory_bytes',
    help: 'Bytes that the memory tier takes, keys and tag indexes included.',
    read: () => [{ value: store.memory.bytes }],
  });
  pulledGauge({
    registry,
    name: 'headgate_cache_memory_max_bytes',
    help: 'Bytes that the memory tier may take.',
    read: () => [{ value: maxMemoryBytes }],
  });
  pulledGauge({
    registry,
    name: 'headgate_cache_memory_records',
    help: 'Records in the memory tier.',
    read: () => [{ value: store.memory.size }],
  });
  pulledCounter({
    registry,
    name: 'headgate_cache_memory_evicted_total',
    help: 'Records that left the memory tier for want of room.',
    read: () => [{ value: store.memory.evicted }],
  });
}
