import { GraphQLError } from 'graphql';
import type { ProjectionResult } from './projection/projectExactly.js';
import { runPlan } from './run/runPlan.js';
import type { CompiledPlan, ExecutePlanArgs, ExecutePlanResult } from './types.js';

/** Errors of subgraphs explain the nulls that they lead to, so invalid values are told only when there are none. */
export function toResult(
  errors: readonly GraphQLError[],
  { data, errors: invalid }: ProjectionResult,
): ExecutePlanResult {
  if (errors.length > 0) {
    return { errors, data };
  }
  return invalid.length > 0 ? { data, extensions: { valueCompletion: invalid } } : { data };
}

/**
 * Runs a plan against subgraphs and shapes what they answer as the operation asks. What fails becomes an error and a
 * null in the result.
 *
 * @returns a promise that does not reject because of anything a subgraph does.
 */
export async function executePlan<C>(
  plan: CompiledPlan,
  args: ExecutePlanArgs<C>,
): Promise<ExecutePlanResult> {
  const run = await runPlan(plan, args);
  if (run instanceof GraphQLError) {
    return { errors: [run] };
  }
  const projection = plan.projections.forVariables(args.variables);
  return toResult(run.errors, projection.project(run.root, run.introspection, run.isShared));
}
