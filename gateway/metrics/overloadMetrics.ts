import type { Registry } from 'prom-client';
import { pulledCounter, pulledGauge } from '../../platform/metrics/pulledMetric.js';
import type { LoadShedder } from '../http/loadShedder.js';

export interface OverloadSources {
  readonly shedder: Pick<LoadShedder, 'limit' | 'underWay' | 'shed'>;
}

export function createOverloadMetrics(registry: Registry, { shedder }: OverloadSources): void {
  pulledGauge({
    registry,
    name: 'headgate_executions_under_way',
    help: 'Requests that no cache answered and that are being executed.',
    *read() {
      yield { value: shedder.underWay };
    },
  });
  pulledGauge({
    registry,
    name: 'headgate_executions_limit',
    help: 'How many of them are let in; it follows how late the event loop is.',
    *read() {
      yield { value: shedder.limit };
    },
  });
  pulledCounter({
    registry,
    name: 'headgate_executions_shed_total',
    help: 'Requests refused with OVERLOADED, since as many were under way as are let in.',
    *read() {
      yield { value: shedder.shed };
    },
  });
}
