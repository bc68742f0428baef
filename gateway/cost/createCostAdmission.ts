import type { DocumentNode, GraphQLSchema } from 'graphql';
import { LRUCache } from 'lru-cache';
import { compileCost, type OperationCost } from './compileCost.js';
import type { Cost, Variables } from './costTree.js';
import type { CostControl } from './createCostControl.js';
import type { Costs } from './readCosts.js';

/**
 * To be called before an operation of a client is planned.
 * @param documentKey identifies the document's text, such as its hash
 * @param variables as they came
 * @throws CodedError `COST_LIMIT_EXCEEDED`
 */
export type AdmitCost = (
  document: DocumentNode,
  documentKey: string,
  operationName: string | undefined,
  variables: Variables | null | undefined,
) => AdmittedCost;

/** Of an operation that may run. */
export interface AdmittedCost {
  /**
   * To be told what subgraphs have answered, so that it is known what the operation has really cost.
   * @returns what that is; `undefined` where costs are not looked at
   */
  readonly note: (data: Readonly<Record<string, unknown>>) => Cost | undefined;
  /** For the developer who asks; `undefined` where costs are not looked at. */
  readonly estimate: () => Cost | undefined;
}

const NOT_LOOKED_AT: AdmittedCost = { note: () => undefined, estimate: () => undefined };

/** For the graph of one snapshot. */
export function createCostAdmission(options: {
  readonly control: CostControl | undefined;
  readonly costs: Costs;
  readonly schema: GraphQLSchema;
  readonly cacheEntries: number;
}): AdmitCost {
  const { control, costs, schema, cacheEntries } = options;
  if (control === undefined) return () => NOT_LOOKED_AT;
  const { defaultListSize } = control;
  const known = new LRUCache<string, OperationCost>({ max: cacheEntries });
  return (document, documentKey, operationName, variables) => {
    const key = `${documentKey}:${operationName ?? ''}`;
    let cost = known.get(key);
    if (cost === undefined) {
      cost = compileCost({ document, operationName, schema, costs, defaultListSize });
      known.set(key, cost);
    }
    control.admit(cost, variables);
    const admitted = cost;
    return {
      note: (data) => control.note(admitted, variables, data),
      estimate: () => admitted.estimate(variables),
    };
  };
}
