import { type GraphQLError, getVariableValues } from 'graphql';
import type { CompiledPlan } from './types.js';

export type CoercedVariables =
  | { readonly variables: Record<string, unknown>; readonly errors?: undefined }
  | { readonly variables?: undefined; readonly errors: readonly GraphQLError[] };

/**
 * Coerces a request's variables by the operation's definitions and applies their defaults, as the specification's
 * CoerceVariableValues demands.
 *
 * @returns the variables, or up to 50 errors that name the variables at fault; nothing may be executed then.
 */
export function coerceVariables(
  plan: Pick<CompiledPlan, 'operation' | 'apiSchema'>,
  raw: Readonly<Record<string, unknown>> | null | undefined,
): CoercedVariables {
  const { coerced, errors } = getVariableValues(
    plan.apiSchema,
    plan.operation.variableDefinitions ?? [],
    raw ?? {},
    {
      maxErrors: 50,
    },
  );
  return errors === undefined ? { variables: coerced } : { errors };
}
