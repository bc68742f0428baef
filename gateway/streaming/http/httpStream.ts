import type { GraphQLFormattedError } from 'graphql';

/** How results are written into one HTTP response; the first call sends the headers. */
export interface HttpStreamFormat {
  begin(): void;
  /** @param result JSON of a GraphQL result */
  result(result: Buffer): void;
  /** The stream ends before its time. The response is not ended here. */
  failed(errors: readonly GraphQLFormattedError[]): void;
  /** Nothing follows, and nothing is missing. Ends the response. */
  complete(): void;
  /** Something that readers skip, so that nobody on the way takes the connection for dead. */
  heartbeat(): void;
}
