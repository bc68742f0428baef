import type { Registry } from 'prom-client';
import { LIMITED_BY, type LimitedBy } from '../rateLimit/rateLimitConfig.js';
import { fixedCounter } from './fixedCounter.js';

export interface RateLimitMetrics {
  limited(by: LimitedBy, outcome: 'refused' | 'warned'): void;
  /** Redis did not answer. */
  countedLocally(): void;
}

export function createRateLimitMetrics(registry: Registry): RateLimitMetrics {
  const limited = fixedCounter({
    registry,
    name: 'headgate_rate_limited_total',
    help: 'Requests beyond a rate limit, by what it is of, refused or only counted.',
    labels: { by: LIMITED_BY, outcome: ['refused', 'warned'] },
  });
  const local = fixedCounter({
    registry,
    name: 'headgate_rate_limit_local_total',
    help: 'Requests that a process counted by itself, since the Redis in which all count did not answer.',
    labels: {},
  });
  return { limited: (by, outcome) => limited([by, outcome]), countedLocally: () => local([]) };
}
