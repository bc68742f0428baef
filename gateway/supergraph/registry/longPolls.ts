import { abortableDelay } from '../../../platform/abortableDelay.js';
import type { Backoff } from '../../cache/feed/backoff.js';

export interface LongPollsOptions {
  /** How long to wait after a failure. */
  readonly backoff: Backoff;
  /** A registry that answers at once that nothing is new is not asked more often than that. */
  readonly minIntervalMs: number;
  /** Ends them. */
  readonly signal: AbortSignal;
  /** Asks once. @returns whether there was something new: then it is asked again at once */
  poll(): Promise<boolean>;
}

/** Asks again and again, until the end. What `poll` throws is a failure, and its own to tell of. */
export async function longPolls({ backoff, minIntervalMs, signal, poll }: LongPollsOptions): Promise<void> {
  while (!signal.aborted) {
    const askedAt = performance.now();
    let waitMs: number;
    try {
      const isNew = await poll();
      waitMs = isNew ? 0 : Math.max(0, minIntervalMs - (performance.now() - askedAt));
    } catch {
      waitMs = backoff.nextMs();
    }
    if (waitMs > 0) await abortableDelay(waitMs, signal, { ref: false });
  }
}
