import { type GraphQLError, getVariableValues, Kind, type OperationDefinitionNode } from 'graphql';
import type { CompiledPlan } from './types.js';

export type CoercedVariables =
  | { readonly variables: Record<string, unknown>; readonly errors?: undefined }
  | { readonly variables?: undefined; readonly errors: readonly GraphQLError[] };

const MAX_INT = 2 ** 31 - 1;

/** Values that the built-in scalars take as they are. */
const TAKEN_AS_THEY_ARE: Readonly<Record<string, (value: unknown) => boolean>> = {
  ID: (value) => typeof value === 'string',
  String: (value) => typeof value === 'string',
  Boolean: (value) => typeof value === 'boolean',
  Int: (value) => Number.isInteger(value) && Math.abs(value as number) <= MAX_INT,
  Float: (value) => Number.isFinite(value),
};

interface PlainVariable {
  readonly name: string;
  readonly isTaken: (value: unknown) => boolean;
}

/** By operation; `undefined` where a variable is of another type than a built-in scalar. */
const plainVariables = new WeakMap<OperationDefinitionNode, readonly PlainVariable[] | undefined>();

function findPlainVariables({ variableDefinitions = [] }: OperationDefinitionNode) {
  const plain = variableDefinitions.map(({ variable, type }): PlainVariable | undefined => {
    const named = type.kind === Kind.NON_NULL_TYPE ? type.type : type;
    const name = named.kind === Kind.NAMED_TYPE ? named.name.value : '';
    const isTaken = Object.hasOwn(TAKEN_AS_THEY_ARE, name) ? TAKEN_AS_THEY_ARE[name] : undefined;
    return isTaken && { name: variable.name.value, isTaken };
  });
  return plain.every((variable) => variable !== undefined) ? plain : undefined;
}

/** The usual case: each variable is given, and its value is what it will be. `undefined` for any other. */
function takePlain(
  operation: OperationDefinitionNode,
  raw: Readonly<Record<string, unknown>>,
): Record<string, unknown> | undefined {
  if (!plainVariables.has(operation)) plainVariables.set(operation, findPlainVariables(operation));
  const plain = plainVariables.get(operation);
  if (plain === undefined) return undefined;
  const variables: Record<string, unknown> = {};
  for (const { name, isTaken } of plain) {
    if (name === '__proto__' || !Object.hasOwn(raw, name) || !isTaken(raw[name])) return undefined;
    variables[name] = raw[name];
  }
  return variables;
}

/**
 * Coerces a request's variables by the operation's definitions and applies their defaults, as the specification's
 * CoerceVariableValues demands.
 *
 * @returns the variables, or up to 50 errors that name the variables at fault; nothing may be executed then.
 */
export function coerceVariables(
  plan: Pick<CompiledPlan, 'operation' | 'apiSchema' | 'literals'>,
  raw: Readonly<Record<string, unknown>> | null | undefined,
): CoercedVariables {
  const plain = takePlain(plan.operation, raw ?? {});
  if (plain !== undefined) return { variables: Object.assign(plain, plan.literals) };
  const { coerced, errors } = getVariableValues(
    plan.apiSchema,
    plan.operation.variableDefinitions ?? [],
    raw ?? {},
    { maxErrors: 50 },
  );
  return errors === undefined ? { variables: Object.assign(coerced, plan.literals) } : { errors };
}
