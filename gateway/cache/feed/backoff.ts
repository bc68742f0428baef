export interface BackoffOptions {
  /** @default 200 */
  readonly minMs?: number | undefined;
  /** @default 10000 */
  readonly maxMs?: number | undefined;
  /** From 0 to 1, exclusive. @default Math.random */
  readonly random?: (() => number) | undefined;
}

/** Doubles the wait with each failure; half of it is left to chance, so that gateways do not come back all at once. */
export class Backoff {
  readonly #minMs: number;
  readonly #maxMs: number;
  readonly #random: () => number;
  #failures = 0;

  constructor({ minMs = 200, maxMs = 10_000, random = Math.random }: BackoffOptions = {}) {
    this.#minMs = minMs;
    this.#maxMs = maxMs;
    this.#random = random;
  }

  /** How many since the last success. */
  get failures(): number {
    return this.#failures;
  }

  nextMs(): number {
    const fullMs = Math.min(this.#maxMs, this.#minMs * 2 ** Math.min(this.#failures, 30));
    this.#failures += 1;
    return fullMs / 2 + (fullMs / 2) * this.#random();
  }

  succeeded(): void {
    this.#failures = 0;
  }
}
