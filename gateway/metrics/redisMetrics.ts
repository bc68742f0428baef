import { Histogram, type Registry } from 'prom-client';
import { REQUEST_SECONDS } from '../../platform/metrics/buckets.js';

export interface RedisMetrics {
  readonly command: (outcome: 'answered' | 'failed', durationMs: number) => void;
}

export function createRedisMetrics(registry: Registry): RedisMetrics {
  const duration = new Histogram({
    name: 'headgate_redis_command_duration_seconds',
    help: 'Commands to the shared cache, from sending to the answer, or to when nobody waited for it any more.',
    labelNames: ['outcome'],
    buckets: REQUEST_SECONDS,
    registers: [registry],
  });
  return { command: (outcome, durationMs) => duration.observe({ outcome }, durationMs / 1000) };
}
