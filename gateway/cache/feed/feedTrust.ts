import type { Timers } from '../../../platform/database/timers.js';

/**
 * - `connecting`: no connection, for less than the allowance; what is cached may still be served.
 * - `catching-up`: connected, and what happened meanwhile is being applied.
 * - `live`: everything up to the last sign of life is applied.
 * - `behind`: nothing has confirmed for longer than the allowance that the cache is up to date.
 */
export type FeedState = 'connecting' | 'catching-up' | 'live' | 'behind';

export interface FeedTrustOptions {
  /** How long the cache is trusted without a sign of life. */
  readonly allowanceMs: number;
  readonly timers: Timers;
  onChange(state: FeedState): void;
}

/**
 * Decides how far the entries of a source can be trusted. The one measure is the time since everything that had
 * happened was known to be applied: a connection that is being made, a long replay and a silent feed are the same to
 * a reader. At the start nothing is cached yet, so nothing can be stale.
 */
export class FeedTrust {
  readonly #options: FeedTrustOptions;
  #state: FeedState = 'connecting';
  #completeAt: number;
  #caughtUp = false;
  #sharedHeld = false;
  #stopTimer: () => void = () => undefined;

  constructor(options: FeedTrustOptions) {
    this.#options = options;
    this.#completeAt = options.timers.now();
    this.#watch();
  }

  get state(): FeedState {
    return this.#state;
  }

  get mayServe(): boolean {
    return this.#state !== 'behind' && this.#isInTime;
  }

  /** Whether a cache that outlives this process may be read: it missed what happened while nobody purged it. */
  get mayUseShared(): boolean {
    return this.#caughtUp && !this.#sharedHeld && this.#isInTime;
  }

  get unconfirmedForMs(): number {
    return this.#options.timers.now() - this.#completeAt;
  }

  /** Asked of the clock: after this process stood still, requests may come before the timer that tells of it. */
  get #isInTime(): boolean {
    return this.unconfirmedForMs <= this.#options.allowanceMs;
  }

  connecting(): void {
    if (this.#state !== 'behind') this.#become('connecting');
  }

  catchingUp(): void {
    if (this.#state !== 'behind') this.#become('catching-up');
  }

  /** Everything that had happened by then is applied. */
  completeAsOf(time: number): void {
    this.#completeAt = Math.max(this.#completeAt, time);
    if (!this.#isInTime) return;
    this.#caughtUp = true;
    const wasBehind = this.#state === 'behind';
    this.#become('live');
    if (wasBehind) this.#watch();
  }

  /** Keeps the shared cache out of use until it is released, whatever the state. */
  holdShared(): void {
    this.#sharedHeld = true;
  }

  releaseShared(): void {
    this.#sharedHeld = false;
  }

  close(): void {
    this.#stopTimer();
  }

  /** One timer that looks after itself costs less than a new one for each event. */
  #watch(): void {
    const remainingMs = this.#options.allowanceMs - this.unconfirmedForMs;
    this.#stopTimer = this.#options.timers.after(remainingMs + 1, () => {
      if (this.#isInTime) return this.#watch();
      this.#caughtUp = false;
      this.#become('behind');
    });
  }

  #become(state: FeedState): void {
    if (this.#state === state) return;
    this.#state = state;
    this.#options.onChange(state);
  }
}
