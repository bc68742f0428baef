import { subgraphTag } from '../invalidation.js';
import type { PurgeNotice } from './purgeNotice.js';

/**
 * What a shared cache may not have been told. The workers that were there remember, and bypass it until it is; one that
 * joins later knows nothing of it, and would read the old value there.
 */
export class UnsharedPurges {
  readonly #settleMs: number;
  readonly #bySource = new Map<string, PurgeNotice>();
  #latest = Number.NEGATIVE_INFINITY;

  /** @param settleMs longer than a purge of the shared cache may take */
  constructor(settleMs: number) {
    this.#settleMs = settleMs;
  }

  /** What a worker that joins has to purge as well. */
  get notices(): readonly PurgeNotice[] {
    return [...this.#bySource.values()];
  }

  /**
   * @param isUpToDate whether the sender has acknowledged all that it was told
   * @param now in ms, of a clock that never goes back
   */
  note(notice: PurgeNotice, isUpToDate: boolean, now: number): void {
    if (!notice.sharedPurged) {
      const { source } = notice.invalidation;
      // By source and not by tag: this must not grow for as long as an outage lasts.
      this.#bySource.set(source, { ...notice, invalidation: { source, tags: [subgraphTag(source)] } });
      this.#latest = now;
    } else if (isUpToDate && now - this.#latest > this.#settleMs) {
      // Whoever owes the shared cache nothing any more has told it everything, for all of us.
      this.#bySource.clear();
    }
  }
}
