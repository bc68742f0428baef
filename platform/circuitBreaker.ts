export type BreakerState = 'closed' | 'open' | 'half-open';

export interface CircuitBreakerOptions {
  /** Failures in a row until it opens. @default 3 */
  readonly failures?: number;
  /** How long it stays open at first; doubles with each trial that fails. @default 500 */
  readonly openMs?: number;
  /** @default 10000 */
  readonly maxOpenMs?: number;
  /** In ms since the epoch. @default Date.now */
  readonly now?: () => number;
}

/** Not tried: it failed too often of late. */
export class BreakerOpenError extends Error {
  override readonly name = 'BreakerOpenError';

  constructor() {
    super('not tried, since it failed too often of late');
  }
}

/**
 * Spares everybody the wait for something that does not answer. After some failures in a row calls are refused at
 * once; after a while one is let through (`half-open`), and its outcome decides for the others.
 */
export class CircuitBreaker {
  readonly #failuresToOpen: number;
  readonly #minOpenMs: number;
  readonly #maxOpenMs: number;
  readonly #now: () => number;
  readonly #listeners = new Set<(state: BreakerState) => void>();
  #state: BreakerState = 'closed';
  #failures = 0;
  #openMs: number;
  #retryAt = 0;

  constructor({
    failures = 3,
    openMs = 500,
    maxOpenMs = 10_000,
    now = Date.now,
  }: CircuitBreakerOptions = {}) {
    this.#failuresToOpen = failures;
    this.#minOpenMs = openMs;
    this.#maxOpenMs = maxOpenMs;
    this.#openMs = openMs;
    this.#now = now;
  }

  get state(): BreakerState {
    return this.#state;
  }

  /** @returns a function that ends it */
  onChange(listener: (state: BreakerState) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Whether a call would be let through now. */
  get admits(): boolean {
    return this.#state === 'closed' || (this.#state === 'open' && this.#now() >= this.#retryAt);
  }

  /**
   * @param saysNothing of an error that is no fault of what is called, such as a caller who gave up
   * @throws BreakerOpenError without calling, while it is open
   * @throws what the call throws
   */
  async run<T>(call: () => Promise<T>, saysNothing: (error: unknown) => boolean = () => false): Promise<T> {
    const isTrial = this.#admit();
    try {
      const result = await call();
      // What was sent before it opened says nothing about now.
      if (isTrial || this.#state === 'closed') this.#succeeded();
      return result;
    } catch (error) {
      if (saysNothing(error)) {
        // The next call is the trial then, at once.
        if (isTrial) this.#become('open');
      } else if (isTrial || this.#state === 'closed') this.#failed();
      throw error;
    }
  }

  #admit(): boolean {
    if (this.#state === 'closed') return false;
    if (!this.admits) throw new BreakerOpenError();
    this.#become('half-open');
    return true;
  }

  #succeeded(): void {
    this.#failures = 0;
    this.#openMs = this.#minOpenMs;
    this.#become('closed');
  }

  #failed(): void {
    this.#failures += 1;
    if (this.#state === 'closed' && this.#failures < this.#failuresToOpen) return;
    this.#retryAt = this.#now() + this.#openMs;
    this.#openMs = Math.min(this.#openMs * 2, this.#maxOpenMs);
    this.#become('open');
  }

  #become(state: BreakerState): void {
    if (this.#state === state) return;
    this.#state = state;
    for (const listener of this.#listeners) listener(state);
  }
}
