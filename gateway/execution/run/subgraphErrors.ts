import { GraphQLError } from 'graphql';
import { executionCodes } from '../codes.js';
import { isJsonObject, type JsonObject } from '../json.js';
import type { FetchStep } from '../plan/fetchStep.js';
import { reportedErrors } from '../reportedErrors.js';

type Path = readonly (string | number)[];

/** Paths in the result for a path in a subgraph's answer; one error can concern several places, or no known one. */
export type TranslatePath = (path: Path) => readonly Path[];

function pathOf(error: JsonObject): Path | undefined {
  const path = error['path'];
  return Array.isArray(path) && path.every((part) => typeof part === 'string' || typeof part === 'number')
    ? (path as Path)
    : undefined;
}

/**
 * Errors of a subgraph in the client's terms. Whatever a subgraph sends, something useful comes out: `errors` that
 * is no list, and entries that are no errors, are reported with a general message.
 */
export function subgraphErrors(
  reported: unknown,
  { subgraph, clientNames }: Pick<FetchStep, 'subgraph' | 'clientNames'>,
  translatePath: TranslatePath,
): GraphQLError[] {
  const inClientNames = (path: Path): Path =>
    path.map((part) => (typeof part === 'string' ? (clientNames.get(part) ?? part) : part));
  return reportedErrors(reported).flatMap((entry) => {
    const error = isJsonObject(entry) ? entry : {};
    const message =
      typeof error['message'] === 'string' && error['message'] !== ''
        ? error['message']
        : `Error while fetching subquery from service "${subgraph}"`;
    const own = isJsonObject(error['extensions']) ? error['extensions'] : {};
    const extensions = { ...own, code: own['code'] ?? executionCodes.downstream, service: subgraph };
    const path = pathOf(error);
    const paths = path === undefined ? [] : translatePath(path);
    return paths.length === 0
      ? [new GraphQLError(message, { extensions })]
      : paths.map((translated) => new GraphQLError(message, { path: inClientNames(translated), extensions }));
  });
}

/** The error of a request that was rejected instead of answered. */
export function requestError(reason: unknown, subgraph: string): GraphQLError {
  const error = reason instanceof Error ? reason : new Error(String(reason));
  const own: unknown = 'extensions' in error ? error.extensions : undefined;
  const extensions = isJsonObject(own) ? own : {};
  return new GraphQLError(error.message, {
    originalError: error,
    extensions: {
      ...extensions,
      code: extensions['code'] ?? executionCodes.requestFailed,
      service: subgraph,
    },
  });
}
