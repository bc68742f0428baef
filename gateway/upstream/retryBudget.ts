export interface RetryBudgetOptions {
  /** What each request adds: 0.2 allows one more attempt for five requests. */
  readonly ratio: number;
  /** What it begins with, and the most that it holds, so that a quiet time does not pay for a storm. @default 10 */
  readonly reserve?: number;
}

/**
 * Further attempts are for a request that had bad luck. When all of them fail, attempts would multiply the load on
 * something that is down already: this bounds them to a part of the requests.
 */
export class RetryBudget {
  readonly #ratio: number;
  readonly #reserve: number;
  #left: number;

  constructor({ ratio, reserve = 10 }: RetryBudgetOptions) {
    this.#ratio = ratio;
    this.#reserve = ratio > 0 ? reserve : 0;
    this.#left = this.#reserve;
  }

  /** Once for each request, before its first attempt. */
  deposit(): void {
    this.#left = Math.min(this.#reserve, this.#left + this.#ratio);
  }

  /** @returns whether there may be a further attempt; then it is paid for */
  take(): boolean {
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }
}
