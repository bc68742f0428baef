import type { Logger } from '../../platform/logger.js';
import { withoutCredentials } from '../../platform/withoutCredentials.js';

const WINDOW_MS = 60_000;

/**
 * Logs why requests to one address of a subgraph fail, which clients are not told: at most once a minute, however many
 * fail.
 */
export function createFaultLog(
  subgraph: string,
  url: string,
  logger: Logger,
  now: () => number = Date.now,
): (error: unknown) => void {
  let saidAt = Number.NEGATIVE_INFINITY;
  return (err) => {
    if (now() - saidAt < WINDOW_MS) return;
    saidAt = now();
    logger.warn({ err, subgraph, url: withoutCredentials(url) }, 'requests to a subgraph fail');
  };
}
