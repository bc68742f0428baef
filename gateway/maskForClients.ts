import { type ErrorMasking, errorMasking } from '../platform/errorMasking.js';
import type { Logger } from '../platform/logger.js';
import type { GatewayConfig } from './config.js';

/**
 * What clients see of errors. A subgraph that names a code chose to tell.
 * @param onError told the code of each that goes out
 */
export function maskForClients(
  { exposeSubgraphErrors, suggestions }: Pick<GatewayConfig, 'exposeSubgraphErrors' | 'suggestions'>,
  logger: Logger,
  onError: (code: unknown) => void,
): ErrorMasking {
  const isDeliberate = (code: unknown): boolean =>
    UNEXPECTED.has(code) ? exposeSubgraphErrors : code !== undefined;
  return errorMasking(logger, isDeliberate, suggestions, onError);
}

/** What servers put on everything that they did not expect. */
const UNEXPECTED: ReadonlySet<unknown> = new Set(['INTERNAL_SERVER_ERROR', 'DOWNSTREAM_SERVICE_ERROR']);
