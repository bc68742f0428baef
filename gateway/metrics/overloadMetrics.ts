import type { Registry } from 'prom-client';
import { SLOW_READER_REASONS, type SlowReaderReason } from '../../platform/http/unreadAnswers.js';
import { pulledCounter, pulledGauge } from '../../platform/metrics/pulledMetric.js';
import type { LoadShedder } from '../http/loadShedder.js';
import { fixedCounter } from './fixedCounter.js';

export interface OverloadSources {
  readonly shedder: Pick<LoadShedder, 'limit' | 'underWay' | 'shed'>;
}

export interface SlowReaderMetrics {
  /** A client was cut off because it did not read its answer. */
  cut(reason: SlowReaderReason): void;
}

export function createSlowReaderMetrics(registry: Registry): SlowReaderMetrics {
  const count = fixedCounter({
    registry,
    name: 'headgate_slow_readers_cut_total',
    help: 'Clients cut off that did not read their answers, by what was over: their time, or the memory for all of them.',
    labels: { outcome: SLOW_READER_REASONS },
  });
  return { cut: (reason) => count([reason]) };
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
    help: 'How many of them are let in; it follows how late the event loop is, and how full the heap.',
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
