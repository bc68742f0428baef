import type { Registry } from 'prom-client';
import { limitedLabel, MAX_SUBGRAPHS } from '../../platform/metrics/boundedLabel.js';
import { DirectHistogram, type HistogramSeries } from '../../platform/metrics/directHistogram.js';
import { LIMITS, type LimitName } from '../admission/createOperationLimits.js';
import { REQUEST_LIMITS, type RequestLimitName } from '../admission/createRequestBounds.js';
import type { Cost } from '../cost/costTree.js';
import { VERDICTS, type VerdictName } from '../persisted/createPersistedOperations.js';
import { fixedCounter } from './fixedCounter.js';

const COSTS = [1, 3, 10, 30, 100, 300, 1_000, 3_000, 10_000, 100_000, 1_000_000];

type CostKind = 'estimated' | 'actual';
export type ExceededLimit = LimitName | RequestLimitName | 'cost' | 'subgraphCost';

export interface AdmissionMetrics {
  operationCost(kind: CostKind, cost: Cost): void;
  persistedOperation(verdict: VerdictName): void;
  listRead(outcome: 'loaded' | 'failed'): void;
  limitExceeded(limit: ExceededLimit, outcome: 'refused' | 'warned'): void;
}

export function createAdmissionMetrics(registry: Registry): AdmissionMetrics {
  const limits = fixedCounter({
    registry,
    name: 'headgate_limit_exceeded_total',
    help: 'Requests and operations beyond a limit, by the limit, refused or only counted.',
    labels: { kind: [...LIMITS, ...REQUEST_LIMITS, 'cost', 'subgraphCost'], outcome: ['refused', 'warned'] },
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
  const costs = new DirectHistogram({
    name: 'headgate_operation_cost',
    help: 'What operations cost, by the estimate before they run and by the lists that came; hits of the cache cost nothing and do not count.',
    labelNames: ['kind'],
    buckets: COSTS,
    registry,
  });
  const total = {
    estimated: costs.series({ kind: 'estimated' }),
    actual: costs.series({ kind: 'actual' }),
  };
  const subgraphCosts = new DirectHistogram({
    name: 'headgate_subgraph_cost',
    help: 'The part of a subgraph in what operations cost, of those in which it has one.',
    labelNames: ['subgraph', 'kind'],
    buckets: COSTS,
    registry,
  });
  const subgraphLabel = limitedLabel(MAX_SUBGRAPHS);
  const parts = { estimated: new Map<string, HistogramSeries>(), actual: new Map<string, HistogramSeries>() };
  function partOf(kind: CostKind, name: string): HistogramSeries {
    const subgraph = subgraphLabel(name);
    let series = parts[kind].get(subgraph);
    if (series === undefined) {
      series = subgraphCosts.series({ subgraph, kind });
      parts[kind].set(subgraph, series);
    }
    return series;
  }
  return {
    persistedOperation: (verdict) => persisted([verdict]),
    listRead: (outcome) => reads([outcome]),
    limitExceeded: (limit, outcome) => limits([limit, outcome]),
    operationCost(kind, cost) {
      total[kind].observe(cost.total);
      for (const [subgraph, part] of cost.bySubgraph) partOf(kind, subgraph).observe(part);
    },
  };
}
