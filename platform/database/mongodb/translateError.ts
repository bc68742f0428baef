import {
  MongoClientClosedError,
  MongoError,
  MongoNetworkError,
  MongoNetworkTimeoutError,
  MongoNotConnectedError,
  MongoOperationTimeoutError,
  MongoServerError,
  MongoServerSelectionError,
  MongoTopologyClosedError,
} from 'mongodb';
import { DatabaseTimeoutError, DatabaseUnavailableError, DuplicateKeyError } from '../errors.js';

const DUPLICATE_KEY = 11000;
/** MaxTimeMSExpired, WriteConcernFailed, ExceededTimeLimit. */
const TIME_LIMIT_CODES: ReadonlySet<unknown> = new Set([50, 64, 262]);
/** No server that may write or read: step-down, shutdown, not primary, recovering, host not reachable. */
const UNAVAILABLE_CODES: ReadonlySet<unknown> = new Set([
  6, 7, 89, 91, 133, 189, 9001, 10058, 10107, 11600, 11602, 13435, 13436,
]);

/** An error of the driver as the error that the port promises; everything else comes back as it is. */
export function translateError(error: unknown): unknown {
  if (!(error instanceof MongoError)) return error;
  if (error.code === DUPLICATE_KEY) return duplicateKeyError(error);
  if (isTimeLimit(error)) return new DatabaseTimeoutError(error.message, { cause: error });
  if (isUnavailable(error)) return new DatabaseUnavailableError(error.message, { cause: error });
  return error;
}

export function isTimeLimit(error: unknown): boolean {
  return (
    error instanceof MongoNetworkTimeoutError ||
    error instanceof MongoOperationTimeoutError ||
    (error instanceof MongoError &&
      // Not exported by the driver.
      (error.name === 'MongoWaitQueueTimeoutError' || TIME_LIMIT_CODES.has(error.code)))
  );
}

function isUnavailable(error: MongoError): boolean {
  return (
    error instanceof MongoNetworkError ||
    error instanceof MongoServerSelectionError ||
    error instanceof MongoTopologyClosedError ||
    error instanceof MongoNotConnectedError ||
    error instanceof MongoClientClosedError ||
    (error instanceof MongoServerError && UNAVAILABLE_CODES.has(error.code))
  );
}

/** `E11000 duplicate key error collection: shop.products index: sku_1 dup key: …` is all that every version says. */
function duplicateKeyError(error: MongoError): DuplicateKeyError {
  const match = /collection: (\S+) index: (\S+)/.exec(error.message);
  const namespace = match?.[1] ?? '';
  return new DuplicateKeyError(namespace.slice(namespace.indexOf('.') + 1), match?.[2] ?? 'unknown', {
    cause: error,
  });
}
