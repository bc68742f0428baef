import { type FragmentDefinitionNode, GraphQLError, Kind, type OperationDefinitionNode } from 'graphql';
import { compileIntrospection } from './introspection.js';
import { createMergeInto } from './mergeInto.js';
import { compileSteps } from './plan/compileSteps.js';
import { createPartShapes } from './projection/partShapes.js';
import { compileProjections } from './projection/projections.js';
import { createTypeConditions } from './typeConditions.js';
import type { CompiledPlan, CompilePlanInput } from './types.js';

function findOperation({ document, operationName }: CompilePlanInput): OperationDefinitionNode {
  const operations = document.definitions.filter(
    (definition) => definition.kind === Kind.OPERATION_DEFINITION,
  );
  const [operation, ...others] =
    operationName === undefined ? operations : operations.filter(({ name }) => name?.value === operationName);
  if (operation === undefined) {
    throw new GraphQLError(
      operationName === undefined
        ? 'Must provide an operation.'
        : `Unknown operation named "${operationName}".`,
    );
  }
  if (others.length > 0) {
    throw new GraphQLError('Must provide operation name if query contains multiple operations.');
  }
  return operation;
}

/**
 * Works out everything of a plan that does not depend on variables or data: once per operation and supergraph, to be
 * kept by the caller for all executions.
 *
 * @throws {GraphQLError} if the document has no such operation, or the API schema no such root type.
 */
export function compilePlan(input: CompilePlanInput): CompiledPlan {
  const { plan, document, supergraphSchema, apiSchema } = input;
  const operation = findOperation(input);
  const rootType = apiSchema.getRootType(operation.operation);
  if (rootType === undefined || rootType === null) {
    throw new GraphQLError(`The schema has no "${operation.operation}" root type defined`);
  }
  const fragments: Record<string, FragmentDefinitionNode> = Object.create(null);
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) {
      fragments[definition.name.value] = definition;
    }
  }
  const conditions = createTypeConditions(supergraphSchema);
  const responseNames = input.responseNames ?? new Map<string, string>();
  return {
    operation,
    apiSchema,
    ...compileSteps(plan, { conditions, mergeInto: createMergeInto(conditions), responseNames }),
    unauthorized: input.unauthorized ?? [],
    introspection: compileIntrospection(operation, fragments, apiSchema),
    partShapes: createPartShapes(operation, fragments, apiSchema, rootType, responseNames),
    projections: compileProjections(operation, fragments, apiSchema, rootType, responseNames),
  };
}

export type { CompiledPlan };
