import type { ApolloServerPlugin, BaseContext } from '@apollo/server';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { isKnownCode } from './errors.js';
import type { Logger } from './logger.js';

export interface MaskingContext extends BaseContext {
  readonly requestId: string;
}

export interface ErrorMasking {
  readonly plugin: ApolloServerPlugin<MaskingContext>;
  readonly formatError: (formatted: GraphQLFormattedError, error: unknown) => GraphQLFormattedError;
  /** Both at once, for results that do not go through Apollo Server. */
  readonly mask: (errors: readonly GraphQLError[], requestId: string) => GraphQLFormattedError[];
}

/**
 * Give both parts to Apollo Server. Errors thrown on purpose, and those that GraphQL makes of bad requests, go out as
 * they are; every other one is logged whole, once, and the client gets only the id under which the log has it.
 *
 * @param isDeliberate decides by the code; by default the codes of our table, but for `INTERNAL_SERVER_ERROR`
 * @param suggests whether messages of GraphQL may suggest names; they tell the schema to those who may not read it
 */
export function errorMasking(
  logger: Logger,
  isDeliberate: (code: unknown) => boolean = isOurs,
  suggests = true,
): ErrorMasking {
  function note(error: GraphQLError, requestId: string): void {
    if (isDeliberate(error.extensions['code'])) return;
    error.extensions['requestId'] = requestId;
    logger.error({ err: rootCause(error), path: error.path, requestId }, 'unexpected error');
  }

  function formatError(formatted: GraphQLFormattedError): GraphQLFormattedError {
    const { stacktrace: _, ...extensions } = formatted.extensions ?? {};
    if (isDeliberate(extensions['code'])) {
      const message = suggests ? formatted.message : formatted.message.replace(SUGGESTION, '');
      return { ...formatted, message, extensions };
    }
    return {
      message: 'Internal server error',
      ...(formatted.locations && { locations: formatted.locations }),
      ...(formatted.path && { path: formatted.path }),
      extensions: {
        code: 'INTERNAL_SERVER_ERROR',
        ...(extensions['requestId'] !== undefined && { requestId: extensions['requestId'] }),
      },
    };
  }

  return {
    plugin: {
      async requestDidStart() {
        return {
          // Only here are the error and the request it belongs to seen together.
          async didEncounterErrors({ errors, contextValue: { requestId } }) {
            for (const error of errors) {
              if (isUncodedRefusal(error)) error.extensions['code'] = 'BAD_REQUEST';
              note(error, requestId);
            }
          },
        };
      },
    },
    formatError,
    mask: (errors, requestId) =>
      errors.map((error) => {
        note(error, requestId);
        const { http: _, ...extensions } = error.extensions;
        return formatError({ ...error.toJSON(), extensions });
      }),
  };
}

/** Apollo Server refuses some requests, such as a persisted query under another's hash, with a status but no code. */
function isUncodedRefusal({ extensions, originalError }: GraphQLError): boolean {
  const { status = 0 } = (extensions['http'] ?? {}) as { readonly status?: number };
  return extensions['code'] === undefined && !originalError && status >= 400 && status < 500;
}

/** How graphql-js ends such a message, and how it goes on for an enum's value. */
const SUGGESTION = /[,;]? ?(?:Did you mean|did you mean)[\s\S]*$/;

function isOurs(code: unknown): boolean {
  return isKnownCode(code) && code !== 'INTERNAL_SERVER_ERROR';
}

function rootCause(error: unknown): unknown {
  return error instanceof GraphQLError && error.originalError ? rootCause(error.originalError) : error;
}
