import { GraphQLError } from 'graphql';
import type { JsonObject } from '../json.js';
import type { PlanStep } from '../plan/executablePlan.js';
import type { CompiledPlan, ExecutePlanArgs } from '../types.js';
import type { Execution } from './execution.js';
import { executionError } from './executionError.js';
import { runStep } from './runStep.js';

/** The node that this entry cannot run, if the variables lead to one. */
function findUnsupported(
  step: PlanStep | undefined,
  variables: Readonly<Record<string, unknown>>,
): 'Defer' | 'Subscription' | undefined {
  switch (step?.kind) {
    case 'unsupported':
      return step.what;
    case 'defer':
      return 'Defer';
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
  return conditionFault(plan, variables);
}

/** A variable of a condition that is null: the type of the variable allows it, where it has a default. */
export function conditionFault(
  plan: CompiledPlan,
  variables: Readonly<Record<string, unknown>>,
): GraphQLError | undefined {
  const wrong = plan.projections.conditionVariables.find((name) => typeof variables[name] !== 'boolean');
  return wrong === undefined
    ? undefined
    : new GraphQLError(`Variable "$${wrong}" is used as a condition and must not be null.`, {
        extensions: { code: 'BAD_USER_INPUT' },
      });
}

export interface PlanRun {
  readonly root: JsonObject;
  readonly errors: readonly GraphQLError[];
  readonly isShared: boolean;
  readonly introspection: JsonObject;
}

/**
 * Runs all fetches of a plan.
 *
 * @returns the result tree with everything that subgraphs answered, or the reason why nothing was asked.
 */
export async function runPlan<C>(
  plan: CompiledPlan,
  args: ExecutePlanArgs<C>,
): Promise<PlanRun | GraphQLError> {
  const { variables } = args;
  const refused = refusal(plan, variables);
  if (refused !== undefined) {
    return refused;
  }
  const execution: Execution<C> = {
    root: {},
    errors: [...plan.unauthorized],
    sharesObjects: false,
    isShared: false,
    ...args,
  };
  if (plan.root !== undefined) {
    await runStep(plan.root, execution);
  }
  args.onFetched?.(execution.root);
  const { root, errors, isShared } = execution;
  const introspection = plan.introspection?.run(variables);
  errors.push(...(introspection?.errors ?? []));
  return { root, errors, isShared, introspection: introspection?.data ?? {} };
}
