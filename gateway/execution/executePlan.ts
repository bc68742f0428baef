import { GraphQLError } from 'graphql';
import type { PlanStep } from './plan/executablePlan.js';
import type { Execution } from './run/execution.js';
import { executionError } from './run/executionError.js';
import { runStep } from './run/runStep.js';
import type { CompiledPlan, ExecutePlanArgs, ExecutePlanResult } from './types.js';

/** The node that this entry cannot run, if the variables lead to one. */
function findUnsupported(
  step: PlanStep | undefined,
  variables: Readonly<Record<string, unknown>>,
): 'Defer' | 'Subscription' | undefined {
  switch (step?.kind) {
    case 'unsupported':
      return step.what;
    case 'condition':
      return findUnsupported(variables[step.variable] === true ? step.whenTrue : step.whenFalse, variables);
    case 'sequence':
    case 'parallel':
      for (const child of step.steps) {
        const found = findUnsupported(child, variables);
        if (found !== undefined) {
          return found;
        }
      }
      return undefined;
    default:
      return undefined;
  }
}

/** The reason not to start at all: nothing was sent to a subgraph then. */
function refusal(plan: CompiledPlan, variables: Readonly<Record<string, unknown>>): GraphQLError | undefined {
  const unsupported = findUnsupported(plan.root, variables);
  if (unsupported !== undefined) {
    const what = unsupported === 'Defer' ? '@defer' : 'A subscription';
    return executionError('notSupported', `${what} cannot be answered with a single result`);
  }
  const wrong = plan.projections.conditionVariables.find((name) => typeof variables[name] !== 'boolean');
  return wrong === undefined
    ? undefined
    : new GraphQLError(`Variable "$${wrong}" is used as a condition and must not be null.`, {
        extensions: { code: 'BAD_USER_INPUT' },
      });
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
  const { variables } = args;
  const refused = refusal(plan, variables);
  if (refused !== undefined) {
    return { errors: [refused] };
  }
  const execution: Execution<C> = { ...args, root: {}, errors: [] };
  if (plan.root !== undefined) {
    await runStep(plan.root, execution);
  }
  const { root, errors } = execution;
  const introspection = plan.introspection?.run(variables);
  errors.push(...(introspection?.errors ?? []));
  const projection = plan.projections.forVariables(variables);
  const { data, errors: valueCompletion } = projection(root, introspection?.data ?? {});
  if (errors.length > 0) {
    return { errors, data };
  }
  return valueCompletion.length > 0 ? { data, extensions: { valueCompletion } } : { data };
}
