import { GraphQLError } from 'graphql';
import { executionCodes } from '../codes.js';

/** An error that the executor itself found, about a subgraph if one is named. */
export function executionError(
  code: keyof typeof executionCodes,
  message: string,
  subgraph?: string,
): GraphQLError {
  return new GraphQLError(message, {
    extensions: { code: executionCodes[code], ...(subgraph === undefined ? {} : { service: subgraph }) },
  });
}
