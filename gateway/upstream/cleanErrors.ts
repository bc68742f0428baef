import type { GraphQLFormattedError } from 'graphql';

/** What servers tell about themselves in `extensions`: `http` would set the status of our own answer. */
const NOT_FOR_CLIENTS = ['http', 'exception', 'stacktrace'];

/**
 * The errors of a subgraph without what is not for clients. Anything that is no list of errors comes back as it is: to
 * judge it is not the matter here.
 */
export function cleanErrors<T>(errors: T): T | GraphQLFormattedError[] {
  return Array.isArray(errors) ? errors.map(cleanError) : errors;
}

function cleanError(error: GraphQLFormattedError): GraphQLFormattedError {
  const extensions: unknown = error?.extensions;
  if (extensions === null || typeof extensions !== 'object') return error;
  const kept = Object.entries(extensions).filter(([key]) => !NOT_FOR_CLIENTS.includes(key));
  return { ...error, extensions: Object.fromEntries(kept) };
}
