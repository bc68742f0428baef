import { Histogram, type Registry } from 'prom-client';
import { parseOperationTime } from '../../platform/database/operationTime.js';
import { limitedLabel, MAX_SUBGRAPHS } from '../../platform/metrics/boundedLabel.js';
import { LAG_SECONDS, PURGE_SECONDS } from '../../platform/metrics/buckets.js';
import { pulledCounter } from '../../platform/metrics/pulledMetric.js';
import type { Broadcast } from '../cache/invalidate/broadcast.js';
import type { Invalidator } from '../cache/invalidate/invalidator.js';
import type { ProxyPurges } from '../cache/invalidate/proxyPurges.js';
import type { Invalidation } from '../cache/invalidation.js';
import { fixedCounter } from './fixedCounter.js';

export interface InvalidationMetrics {
  /** The same invalidator, with what it applies counted and timed. Once per gateway. */
  measure(
    invalidator: Invalidator,
    broadcast?: Pick<Broadcast, 'counts'>,
    proxies?: Pick<ProxyPurges, 'counts'>,
  ): Invalidator;
}

const CAUSES = ['mutation', 'feed', 'replica', 'operator'] as const satisfies Invalidation['by'][];

/** @param now in ms since the epoch */
export function createInvalidationMetrics(
  registry: Registry,
  now: () => number = Date.now,
): InvalidationMetrics {
  const registers = [registry];
  let counts: Pick<Invalidator, 'counts'>['counts'] | undefined;
  let notices: Pick<Broadcast, 'counts'>['counts'] | undefined;
  let proxyCounts: ProxyPurges['counts'] | undefined;
  const applied = fixedCounter({
    registry,
    name: 'headgate_invalidations_total',
    help: 'Invalidations applied, by how they became known.',
    labels: { by: CAUSES },
  });
  pulledCounter({
    registry,
    name: 'headgate_invalidations_unshared_total',
    help: 'Invalidations that the shared cache was not told of at once: bypassed until it is, or failed.',
    labelNames: ['outcome'],
    *read() {
      yield { labels: { outcome: 'bypassed' }, value: counts?.bypassed ?? 0 };
      yield { labels: { outcome: 'failed' }, value: counts?.failed ?? 0 };
    },
  });
  pulledCounter({
    registry,
    name: 'headgate_broadcast_notices_total',
    help: 'Notices of purges to and from other gateways. Unsent: the others learn of it by their feeds.',
    labelNames: ['outcome'],
    *read() {
      for (const outcome of ['sent', 'unsent', 'received', 'malformed'] as const) {
        yield { labels: { outcome }, value: notices?.[outcome] ?? 0 };
      }
    },
  });
  pulledCounter({
    registry,
    name: 'headgate_proxy_purges_total',
    help: 'Requests that told a proxy of purges. Failed: what it keeps may be old until one is told.',
    labelNames: ['outcome'],
    *read() {
      yield { labels: { outcome: 'told' }, value: proxyCounts?.told ?? 0 };
      yield { labels: { outcome: 'failed' }, value: proxyCounts?.failed ?? 0 };
    },
  });
  const duration = new Histogram({
    name: 'headgate_invalidation_duration_seconds',
    help: 'From learning of a change to when no tier and no worker of this gateway serves the old value.',
    labelNames: ['by'],
    buckets: PURGE_SECONDS,
    registers,
  });
  const lag = new Histogram({
    name: 'headgate_feed_event_lag_seconds',
    help: "From a change to when it is applied here, by MongoDB's operation time, which has whole seconds only.",
    labelNames: ['subgraph'],
    buckets: LAG_SECONDS,
    registers,
  });
  const subgraphLabel = limitedLabel(MAX_SUBGRAPHS);

  return {
    measure(invalidator, broadcast, proxies) {
      counts = invalidator.counts;
      notices = broadcast?.counts;
      proxyCounts = proxies?.counts;
      invalidator.onApplied(({ by, source, operationTime }) => {
        applied([by]);
        const changedAt = by === 'feed' ? timeOfChange(operationTime) : undefined;
        if (changedAt === undefined) return;
        lag.observe({ subgraph: subgraphLabel(source) }, Math.max(0, now() - changedAt) / 1000);
      });
      return {
        ...invalidator,
        async apply(invalidation, scope) {
          const startedAt = performance.now();
          await invalidator.apply(invalidation, scope);
          duration.observe({ by: invalidation.by }, (performance.now() - startedAt) / 1000);
        },
      };
    },
  };
}

/** A time of the embedded database is a counter, which is no clock: too small to be seconds since the epoch. */
const FIRST_SECOND = 1_000_000_000;

function timeOfChange(operationTime: string | undefined): number | undefined {
  const parsed = operationTime === undefined ? undefined : parseOperationTime(operationTime);
  if (parsed === undefined) return undefined;
  const seconds = Number(parsed.value >> 32n);
  return seconds < FIRST_SECOND ? undefined : seconds * 1000;
}
