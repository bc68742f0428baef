import type { Timers } from '../../platform/database/timers.js';
import type { LeaseStats } from './lease.js';

/** `arrived`: the record can be read now. `free`: nobody else is loading it. `silent`: it cannot be told. */
export type LeaseLook = 'arrived' | 'held' | 'free' | 'silent';

/** How the watch over a key ended. */
export type LeaseEnd = Exclude<LeaseLook, 'held'> | 'expired';

/** `changed`: worth reading again. `expired`: to be loaded, without waiting any more. `held`: neither yet. */
export type LeaseOutcome = 'changed' | 'expired' | 'held';

export interface LeaseWaitOptions {
  /** When each key is no longer under another's lease. */
  watch(keys: readonly string[]): readonly Promise<LeaseEnd>[];
  /** In ms since the epoch. */
  readonly until: number;
  readonly timers: Timers;
  readonly stats: LeaseStats;
  /** Ends the waiting at once. */
  readonly gone: AbortSignal | undefined;
}

/** The waiting of one fetch for what others are loading, all in all. */
export class LeaseWait {
  readonly #options: LeaseWaitOptions;
  /** A timer may ring while the clock still shows a moment before its time. */
  #hasRung = false;

  constructor(options: LeaseWaitOptions) {
    this.#options = options;
  }

  get isOver(): boolean {
    return this.#hasRung || this.#options.timers.now() >= this.#options.until;
  }

  /**
   * Until all of the keys have arrived, one of them may be loaded here, or the time is over. In the order of the keys.
   * @throws the reason of whoever is gone
   */
  async forLoads(keys: readonly string[]): Promise<readonly LeaseOutcome[]> {
    const { watch, until, timers, gone } = this.#options;
    gone?.throwIfAborted();
    const ends = new Array<LeaseEnd | undefined>(keys.length);
    await new Promise<void>((resolve) => {
      const finish = (): void => {
        stop();
        gone?.removeEventListener('abort', finish);
        resolve();
      };
      // The watch may be that of another fetch, with more time than this one.
      const stop = timers.after(until - timers.now(), () => {
        this.#hasRung = true;
        finish();
      });
      gone?.addEventListener('abort', finish);
      let left = keys.length;
      for (const [index, end] of watch(keys).entries()) {
        void end.then((how) => {
          ends[index] = how;
          left -= 1;
          if (left === 0 || how !== 'arrived') finish();
        });
      }
    });
    gone?.throwIfAborted();
    return Array.from(ends, (end) => this.#outcome(end));
  }

  #outcome(end: LeaseEnd | undefined): LeaseOutcome {
    const { stats } = this.#options;
    if (end === 'arrived') stats.arrived += 1;
    else if (end === 'free') stats.freed += 1;
    else if (end !== undefined || this.isOver) stats.expired += 1;
    else return 'held';
    return end === 'arrived' || end === 'free' ? 'changed' : 'expired';
  }
}
