import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { toResult } from './executePlan.js';
import type { Projection } from './projection/projections.js';
import { type PlanRun, runPlan } from './run/runPlan.js';
import type { CompiledPlan, ExecutePlanArgs } from './types.js';

type FormatErrors = (errors: readonly GraphQLError[]) => readonly GraphQLFormattedError[];

export interface ExecutePlanToJsonArgs<C> extends ExecutePlanArgs<C> {
  /** What the client sees of errors: the place for masking. By default all of it. */
  readonly formatErrors?: FormatErrors;
}

export interface JsonExecutionResult {
  /** The response as JSON text. */
  readonly body: string;
  /** The errors as they were before `formatErrors`; absent when there are none. */
  readonly errors?: readonly GraphQLError[];
  /** Whether the response has `data`, which can be null. */
  readonly hasData: boolean;
  /** Whether `extensions.valueCompletion` names values that do not fit the schema. */
  readonly hasInvalidValues: boolean;
}

/**
 * `executePlan`, written as the response's JSON. Where deduplication put lists into several places of the tree, each is
 * written once and its text repeated; any other result is shaped, and written by the engine.
 */
export async function executePlanToJson<C>(
  plan: CompiledPlan,
  args: ExecutePlanToJsonArgs<C>,
): Promise<JsonExecutionResult> {
  const { formatErrors = (errors) => errors.map((error) => error.toJSON()) } = args;
  const run = await runPlan(plan, args);
  if (run instanceof GraphQLError) {
    const body = JSON.stringify({ errors: formatErrors([run]) });
    return { body, errors: [run], hasData: false, hasInvalidValues: false };
  }
  return toJson(run, plan.projections.forVariables(args.variables), formatErrors);
}

function toJson(run: PlanRun, projection: Projection, formatErrors: FormatErrors): JsonExecutionResult {
  const { root, introspection, isShared } = run;
  const written = isShared ? projection.write(root, introspection) : undefined;
  if (written !== undefined) {
    const errors = run.errors.length > 0 ? `"errors":${JSON.stringify(formatErrors(run.errors))},` : '';
    return {
      body: `{${errors}"data":${written}}`,
      ...(run.errors.length > 0 && { errors: run.errors }),
      hasData: true,
      hasInvalidValues: false,
    };
  }
  const result = toResult(run.errors, projection.project(root, introspection, isShared));
  const invalid = result.extensions?.valueCompletion;
  const body = JSON.stringify({
    errors: result.errors && formatErrors(result.errors),
    data: result.data,
    extensions: invalid && { valueCompletion: invalid.map((error) => error.toJSON()) },
  });
  return {
    body,
    ...(result.errors && { errors: result.errors }),
    hasData: true,
    hasInvalidValues: invalid !== undefined,
  };
}
