import { GraphQLError } from 'graphql';
import { isJsonObject, type JsonObject } from '../execution/json.js';

/** Whatever was thrown, or came formatted from a subgraph, as an error that can be masked, and written. */
export function asGraphQLError(error: unknown): GraphQLError {
  if (error instanceof GraphQLError) return error;
  const { message, extensions } = isJsonObject(error) ? error : {};
  return new GraphQLError(typeof message === 'string' ? message : String(error), {
    extensions: isJsonObject(extensions) && canBeWritten(extensions) ? extensions : {},
    ...(error instanceof Error && { originalError: error }),
  });
}

/** What was read can be nested too deeply to be written. */
function canBeWritten(extensions: JsonObject): boolean {
  try {
    JSON.stringify(extensions);
    return true;
  } catch {
    return false;
  }
}
