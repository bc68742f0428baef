/** A unique key of the new document is taken. `index` names it, `_id_` for the primary key. */
export class DuplicateKeyError extends Error {
  override readonly name = 'DuplicateKeyError';
  constructor(
    readonly collection: string,
    readonly index: string,
    options?: ErrorOptions,
  ) {
    super(`a document of ${collection} with this key exists already (index ${index})`, options);
  }
}

/** An index of this name (or of these keys) exists with another definition. Nothing was changed. */
export class IndexConflictError extends Error {
  override readonly name = 'IndexConflictError';
}

/** The operation ran into its time limit. A write may or may not have happened. */
export class DatabaseTimeoutError extends Error {
  override readonly name = 'DatabaseTimeoutError';
}

/** The connection string cannot be understood. The message never has its password. */
export class InvalidDatabaseUriError extends Error {
  override readonly name = 'InvalidDatabaseUriError';
}

/** No server could be reached, or none that may do this. A write under way may or may not have happened. */
export class DatabaseUnavailableError extends Error {
  override readonly name = 'DatabaseUnavailableError';
}

/** Whether a database is away, or slow: the same may work in a moment. A write may or may not have happened. */
export function isOutage(error: unknown): boolean {
  return error instanceof DatabaseUnavailableError || error instanceof DatabaseTimeoutError;
}

/** The history after a cursor is gone (too old, of another database, or invalidated by a drop). */
export class CursorLostError extends Error {
  override readonly name = 'CursorLostError';
}
