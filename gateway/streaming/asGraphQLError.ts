import { GraphQLError, type GraphQLFormattedError } from 'graphql';

/** Whatever was thrown, or came formatted from a subgraph, as an error that can be masked. */
export function asGraphQLError(error: unknown): GraphQLError {
  if (error instanceof GraphQLError) return error;
  const { message, extensions } = (error ?? {}) as Partial<GraphQLFormattedError>;
  return new GraphQLError(message ?? String(error), {
    extensions: extensions ?? {},
    ...(error instanceof Error && { originalError: error }),
  });
}
