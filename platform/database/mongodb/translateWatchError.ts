import { MongoChangeStreamError, MongoServerError } from 'mongodb';
import { CursorLostError, DatabaseTimeoutError, DatabaseUnavailableError } from '../errors.js';
import { translateError } from './translateError.js';

/** Unauthorized, AuthenticationFailed: a fault of the set-up, not of the cursor. */
const ACCESS_CODES: ReadonlySet<unknown> = new Set([13, 18]);

/**
 * The errors of a change stream. Servers refuse a token for more reasons than there are codes (too old, malformed,
 * of a dropped collection, not found), so whatever a server says against a stream that has a token,
 * other than that it is out of reach or denies access, means that the place in the history is lost.
 */
export function translateWatchError(error: unknown, hasToken: boolean): unknown {
  const translated = translateError(error);
  if (translated instanceof DatabaseUnavailableError || translated instanceof DatabaseTimeoutError)
    return translated;
  const refused = error instanceof MongoServerError && !ACCESS_CODES.has(error.code);
  if ((hasToken && refused) || error instanceof MongoChangeStreamError) {
    return new CursorLostError(`the history after this cursor is gone: ${error.message}`, { cause: error });
  }
  return translated;
}
