import type { ApolloServerPlugin, BaseContext } from '@apollo/server';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { isOutage } from './database/errors.js';
import { DATABASE_AWAY, type ErrorCodeName, isKnownCode } from './errors.js';
import type { Logger } from './logger.js';
import { thrownFault } from './thrownFault.js';

export interface MaskingContext extends BaseContext {
  readonly requestId: string;
}

export interface ErrorMasking {
  readonly plugin: ApolloServerPlugin<MaskingContext>;
  readonly formatError: (formatted: GraphQLFormattedError, error: unknown) => GraphQLFormattedError;
  /** Both at once, for results that do not go through Apollo Server. */
  readonly mask: (errors: readonly GraphQLError[], requestId: string | undefined) => GraphQLFormattedError[];
}

/**
 * Give both parts to Apollo Server. Errors thrown on purpose, and those that GraphQL makes of bad requests, go out as
 * they are; every other one is logged whole, once, and the client gets only the id under which the log has it, and whether
 * it was a database that is away: then asking again helps.
 *
 * @param isDeliberate decides by the code; by default the codes of our table, but for `INTERNAL_SERVER_ERROR`
 * @param suggests whether messages of GraphQL may suggest names; they tell the schema to those who may not read it
 * @param onError told the code of each error that goes out, whichever of both it came through
 */
export function errorMasking(
  logger: Logger,
  isDeliberate: (code: unknown) => boolean = isOurs,
  suggests = true,
  onError: (code: unknown) => void = () => {},
): ErrorMasking {
  function note(error: GraphQLError, requestId: string | undefined): void {
    if (isDeliberate(error.extensions['code'])) return;
    error.extensions['requestId'] = requestId;
    const what = isOutage(rootCause(error)) ? 'a database is away' : 'unexpected error';
    logger.error({ err: rootCause(error), path: error.path, requestId }, what);
  }

  function formatError(formatted: GraphQLFormattedError, error: unknown): GraphQLFormattedError {
    const masked = maskFormatted(formatted, error);
    onError(masked.extensions?.['code']);
    return masked;
  }

  function maskFormatted(formatted: GraphQLFormattedError, error: unknown): GraphQLFormattedError {
    const { stacktrace: _, ...extensions } = formatted.extensions ?? {};
    if (isDeliberate(extensions['code'])) {
      const message = suggests ? formatted.message : formatted.message.replace(SUGGESTION, '');
      return { ...formatted, message, extensions };
    }
    const { code, message } = isOutage(rootCause(error)) ? AWAY : INTERNAL;
    return {
      message,
      ...(formatted.locations && { locations: formatted.locations }),
      ...(formatted.path && { path: formatted.path }),
      extensions: {
        code,
        ...(extensions['requestId'] !== undefined && { requestId: extensions['requestId'] }),
      },
    };
  }

  return {
    plugin: {
      async unexpectedErrorProcessingRequest({ error, requestContext: { document, operationName } }) {
        // Only what validates comes between the two; what is thrown here takes the place of a status of 500.
        const fault = document && operationName === undefined ? thrownFault(error) : undefined;
        if (fault !== undefined) throw fault;
      },
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
        return formatError({ ...error.toJSON(), extensions }, error);
      }),
  };
}

interface Masked {
  readonly code: ErrorCodeName;
  readonly message: string;
}
const INTERNAL: Masked = { code: 'INTERNAL_SERVER_ERROR', message: 'Internal server error' };
const AWAY: Masked = { code: 'TEMPORARILY_UNAVAILABLE', message: DATABASE_AWAY };

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
