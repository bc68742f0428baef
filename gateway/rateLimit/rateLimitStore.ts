import type { Quota, Verdict } from './gcra.js';

/** What has been spent of quotas. */
export interface RateLimitStore {
  /**
   * Counts one request, if there is room for it; one that is refused spends nothing. However many come at once, no more
   * than the quota are admitted.
   */
  spend(key: string, quota: Quota): Verdict | Promise<Verdict>;
  close(): Promise<void>;
}
