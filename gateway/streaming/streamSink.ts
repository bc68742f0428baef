import type { GraphQLFormattedError } from 'graphql';

/** Where the results of one operation of one client go. No call ever throws. */
export interface StreamSink {
  /** @param result JSON of a GraphQL result; the same bytes for all who share it */
  next(result: Buffer): void;
  /** The operation was refused, or ends before its time. Nothing follows. */
  fail(errors: readonly GraphQLFormattedError[]): void;
  /** Nothing follows. */
  complete(): void;
}
