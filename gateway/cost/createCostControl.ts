import { CodedError } from '../../platform/errors.js';
import type { Logger } from '../../platform/logger.js';
import type { OperationCost } from './compileCost.js';
import type { CostConfig } from './costConfig.js';
import type { Cost, Variables } from './costTree.js';

export interface CostControl {
  /** See `CostConfig`. */
  readonly defaultListSize: number;
  /**
   * Before an operation is planned.
   * @throws CodedError `COST_LIMIT_EXCEEDED`
   */
  admit(cost: OperationCost, variables: Variables | null | undefined): void;
  /**
   * After it has run: what it really cost is a metric, beside what was estimated.
   * @returns what it cost; `undefined` where costs are not looked at
   */
  note(
    cost: OperationCost,
    variables: Variables | null | undefined,
    data: Readonly<Record<string, unknown>> | null | undefined,
  ): Cost | undefined;
}

export interface CostControlOptions {
  readonly config: CostConfig;
  readonly logger: Logger;
  observe?(kind: 'estimated' | 'actual', cost: Cost): void;
  count?(limit: 'cost' | 'subgraphCost', outcome: 'refused' | 'warned'): void;
}

interface Excess {
  readonly kind: 'cost' | 'subgraphCost';
  readonly cost: number;
  readonly maximum: number;
  readonly service?: string;
}

export function createCostControl(options: CostControlOptions): CostControl {
  const { config, logger, observe = () => {}, count = () => {} } = options;
  const budgets = config.subgraphs;

  function excessOf(cost: OperationCost, variables: Variables | null | undefined): Excess | undefined {
    const estimate = cost.estimate(variables);
    const { total, bySubgraph } = estimate;
    observe('estimated', estimate);
    // Written so that a cost that is no number any more is too much.
    if (!(total <= config.max)) return { kind: 'cost', cost: total, maximum: config.max };
    for (const { name: service, max: maximum } of budgets) {
      const own = bySubgraph.get(service) ?? 0;
      if (!(own <= maximum)) return { kind: 'subgraphCost', cost: own, maximum, service };
    }
    return undefined;
  }

  return {
    defaultListSize: config.defaultListSize,
    admit(cost, variables) {
      if (config.mode === 'off') return;
      const excess = excessOf(cost, variables);
      if (excess === undefined) return;
      const { kind, ...extensions } = excess;
      if (config.mode === 'warn') {
        count(kind, 'warned');
        logger.warn(extensions, 'an operation costs more than allowed');
        return;
      }
      count(kind, 'refused');
      const where = excess.service === undefined ? 'The operation' : `Its part in "${excess.service}"`;
      throw new CodedError(
        'COST_LIMIT_EXCEEDED',
        `${where} costs too much: ${excess.cost}, and ${excess.maximum} is allowed.`,
        { extensions },
      );
    },
    note(cost, variables, data) {
      if (config.mode === 'off' || !data) return undefined;
      const actual = cost.measure(variables, data);
      observe('actual', actual);
      return actual;
    },
  };
}
