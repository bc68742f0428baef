import { Histogram, type Registry } from 'prom-client';
import { LIMITS, type LimitName } from '../admission/createOperationLimits.js';
import { VERDICTS, type VerdictName } from '../persisted/createPersistedOperations.js';
import { fixedCounter } from './fixedCounter.js';

const COSTS = [1, 3, 10, 30, 100, 300, 1_000, 3_000, 10_000, 100_000, 1_000_000];

export interface AdmissionMetrics {
  operationCost(kind: 'estimated' | 'actual', cost: number): void;
  persistedOperation(verdict: VerdictName): void;
  listRead(outcome: 'loaded' | 'failed'): void;
  limitExceeded(limit: LimitName | 'cost' | 'subgraphCost', outcome: 'refused' | 'warned'): void;
}

export function createAdmissionMetrics(registry: Registry): AdmissionMetrics {
  const limits = fixedCounter({
    registry,
    name: 'headgate_limit_exceeded_total',
    help: 'Operations beyond a limit, by the limit, refused or only counted.',
    labels: { kind: [...LIMITS, 'cost', 'subgraphCost'], outcome: ['refused', 'warned'] },
  });
  const persisted = fixedCounter({
    registry,
    name: 'headgate_persisted_operations_total',
    help: 'Operations held against the lists, by what came of it; hits of the cache of responses do not count.',
    labels: { verdict: VERDICTS },
  });
  const reads = fixedCounter({
    registry,
    name: 'headgate_operation_list_reads_total',
    help: 'Changed lists of operations that were read again, or could not be.',
    labels: { outcome: ['loaded', 'failed'] },
  });
  const costs = new Histogram({
    name: 'headgate_operation_cost',
    help: 'What operations cost, by the estimate before they run and by the lists that came; hits of the cache cost nothing and do not count.',
    labelNames: ['kind'],
    buckets: COSTS,
    registers: [registry],
  });
  return {
    persistedOperation: (verdict) => persisted([verdict]),
    listRead: (outcome) => reads([outcome]),
    limitExceeded: (limit, outcome) => limits([limit, outcome]),
    operationCost: (kind, cost) => costs.observe({ kind }, cost),
  };
}
