import type { GraphQLError, GraphQLFormattedError } from 'graphql';
import { executePlan } from './executePlan.js';
import type { CompiledPlan, ExecutePlanArgs, ExecutePlanResult } from './types.js';

export interface ExecutePlanToJsonArgs<C> extends ExecutePlanArgs<C> {
  /** What the client sees of an error: the place for masking. By default all of it. */
  readonly formatError?: (error: GraphQLError) => GraphQLFormattedError;
  /** Added to the response's `extensions`; asked for when the result is complete. */
  readonly extensions?: () => Record<string, unknown> | undefined;
}

export interface JsonExecutionResult {
  /** The response as JSON text. */
  readonly body: string;
  /** What the text was written from, with the errors as they were before `formatError`. */
  readonly result: ExecutePlanResult;
}

/**
 * `executePlan`, written as the response's JSON. The text comes from one native `JSON.stringify` over the shaped
 * result. Writing it straight from the result tree was tried: with generated projections, shaping costs so little
 * that the engine's own writer wins.
 */
export async function executePlanToJson<C>(
  plan: CompiledPlan,
  args: ExecutePlanToJsonArgs<C>,
): Promise<JsonExecutionResult> {
  const result = await executePlan(plan, args);
  const { formatError = (error: GraphQLError) => error.toJSON() } = args;
  const added = args.extensions?.();
  const extensions =
    result.extensions === undefined
      ? added
      : { ...added, valueCompletion: result.extensions.valueCompletion.map(formatError) };
  const body = JSON.stringify({ errors: result.errors?.map(formatError), data: result.data, extensions });
  return { body, result };
}
