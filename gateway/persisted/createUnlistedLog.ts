import type { Logger } from '../../platform/logger.js';
import { documentKeyOf } from '../supergraph/documentKey.js';

const WINDOW_MS = 60_000;
const LINES_PER_WINDOW = 30;

/** Logs texts that are not listed by their hash, each at most once a minute, and no more than 30 in it. */
export function createUnlistedLog(
  logger: Logger,
  now: () => number = Date.now,
): (text: string, client: string) => void {
  let begunAt = Number.NEGATIVE_INFINITY;
  const logged = new Set<string>();
  return (text, client) => {
    if (now() - begunAt >= WINDOW_MS) {
      begunAt = now();
      logged.clear();
    }
    if (logged.size >= LINES_PER_WINDOW) return;
    const hash = documentKeyOf(text);
    if (logged.has(hash)) return;
    logged.add(hash);
    logger.warn({ operation: hash, client }, 'an operation is not on any list');
  };
}
