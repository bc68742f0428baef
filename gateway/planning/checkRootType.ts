import type { GraphQLSchema, OperationDefinitionNode } from 'graphql';
import { CodedError } from '../../platform/errors.js';

/**
 * The validation of graphql-js lets pass whatever is asked of a root type that is not there.
 * @throws CodedError `GRAPHQL_VALIDATION_FAILED`
 */
export function checkRootType(schema: GraphQLSchema, { operation }: OperationDefinitionNode): void {
  if (schema.getRootType(operation)) return;
  throw new CodedError('GRAPHQL_VALIDATION_FAILED', `The schema has no ${operation}s.`);
}
