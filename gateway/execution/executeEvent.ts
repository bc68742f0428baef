import { toResult } from './executePlan.js';
import { isJsonObject } from './json.js';
import type { Execution } from './run/execution.js';
import { runStep } from './run/runStep.js';
import { subgraphErrors } from './run/subgraphErrors.js';
import type { CompiledPlan, ExecutePlanArgs, ExecutePlanResult, SubgraphResponse } from './types.js';

/**
 * Makes the result for one event of a subscription: what other subgraphs add to it is fetched as for a query.
 *
 * @param event what the subgraph of the event stream sent; its `data` is handed over
 * @returns a promise that does not reject because of anything a subgraph does
 */
export async function executeEvent<C>(
  plan: CompiledPlan,
  event: SubgraphResponse,
  args: ExecutePlanArgs<C>,
): Promise<ExecutePlanResult> {
  const { subscription, projections } = plan;
  if (subscription === undefined) throw new Error('the plan is not of a subscription');
  const { primary, rest } = subscription;
  const errors = [...plan.unauthorized, ...subgraphErrors(event.errors, primary, (path) => [path])];
  const execution: Execution<C> = { root: {}, errors, sharesObjects: false, isShared: false, ...args };
  const data: unknown = event.data;
  if (isJsonObject(data)) {
    primary.rewriteOutput?.(data);
    primary.mergeInto(execution.root, data);
    if (rest !== undefined) await runStep(rest, execution);
  }
  const { root, isShared } = execution;
  const introspection = plan.introspection?.run(args.variables);
  errors.push(...(introspection?.errors ?? []));
  const projection = projections.forVariables(args.variables);
  return toResult(errors, projection.project(root, introspection?.data ?? {}, isShared));
}
