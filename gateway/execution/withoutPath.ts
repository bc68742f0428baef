import type { GraphQLFormattedError } from 'graphql';

/** The same error about nothing in particular: its path would point to something else. */
export function withoutPath({ path: _, ...error }: GraphQLFormattedError): GraphQLFormattedError {
  return error;
}
