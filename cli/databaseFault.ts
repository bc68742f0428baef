import {
  DatabaseUnavailableError,
  IndexConflictError,
  InvalidDatabaseUriError,
} from '../platform/database/errors.js';
import { CommandError, EXIT_CODES } from './commandError.js';
import type { SubgraphName } from './subgraphNames.js';

const SETTINGS: Readonly<Partial<Record<SubgraphName | 'registry', string>>> = {
  inventory: 'data.inventoryMongodbUri (INVENTORY_MONGODB_URI) or else data.mongodbUri (MONGODB_URI)',
  registry: 'registry.mongodbUri (REGISTRY_MONGODB_URI) or else data.mongodbUri (MONGODB_URI)',
};

/**
 * A subgraph (or the registry) did not start. When it is for its database, that is the operator's to mend: says whose it is and which
 * setting leads there. Every other error comes back as it is.
 */
export function databaseFault(part: SubgraphName | 'registry', error: unknown): unknown {
  if (!(error instanceof Error) || !isOfDatabase(error)) return error;
  const setting = SETTINGS[part] ?? 'data.mongodbUri (MONGODB_URI)';
  const exitCode =
    error instanceof DatabaseUnavailableError
      ? EXIT_CODES.unreachable
      : error instanceof InvalidDatabaseUriError
        ? EXIT_CODES.badInput
        : EXIT_CODES.failed;
  return new CommandError(`${part} cannot use its database, see ${setting}:\n  ${error.message}`, exitCode);
}

/** What the server refuses, such as a password, comes as the driver's own errors, which are not loaded without need. */
function isOfDatabase(error: Error): boolean {
  return (
    error instanceof DatabaseUnavailableError ||
    error instanceof InvalidDatabaseUriError ||
    error instanceof IndexConflictError ||
    error.name.startsWith('Mongo')
  );
}
