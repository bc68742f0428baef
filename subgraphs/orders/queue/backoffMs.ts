import type { RetryPolicy } from './jobQueue.js';

/** How long to wait after this many failed tries. */
export function backoffMs(
  failures: number,
  { backoffMs: first, maxBackoffMs }: Pick<RetryPolicy, 'backoffMs' | 'maxBackoffMs'>,
): number {
  return Math.min(maxBackoffMs, first * 2 ** Math.min(failures - 1, 30));
}
