import { GraphQLError } from 'graphql';
import { CodedError } from './errors.js';

/**
 * What graphql-js throws while it validates, where it should list it: a condition on the field of a subscription that a
 * variable decides, or that is no condition at all; or a document that is nested more deeply than its recursion can go.
 *
 * @returns `undefined` for what says nothing about the document
 */
export function thrownFault(error: unknown): CodedError | undefined {
  if (error instanceof RangeError) {
    return new CodedError('GRAPHQL_VALIDATION_FAILED', 'The document is nested too deeply.');
  }
  if (!(error instanceof GraphQLError)) return undefined;
  const { nodes, source, positions } = error;
  return new CodedError('GRAPHQL_VALIDATION_FAILED', error.message, {
    nodes: nodes ?? null,
    source: source ?? null,
    positions: positions ?? null,
  });
}
