export interface AdaptiveLimitOptions {
  /** Requests under way that are always let in. */
  readonly min: number;
  /** The most that are ever let in; it begins there. */
  readonly max: number;
  /** How long the event loop may be late before there is too much to do. */
  readonly maxDelayMs: number;
  /** The part of the heap that may be in use before there is too much to do. */
  readonly maxHeapRatio: number;
}

/** Of the limit, when there was too much to do. */
const DECREASE = 0.75;
const INCREASE = 1.1;

/**
 * How many requests may be under way at once. What a machine can do is not known beforehand, and depends on what is
 * asked, so the limit follows how late the event loop is and how full the heap: it falls by a quarter while either is too
 * much, and rises by a tenth while neither is and the limit is what holds requests back.
 */
export class AdaptiveLimit {
  readonly #options: AdaptiveLimitOptions;
  #limit: number;
  #underWay = 0;
  #peak = 0;

  constructor(options: AdaptiveLimitOptions) {
    this.#options = options;
    this.#limit = options.max;
  }

  get limit(): number {
    return Math.floor(this.#limit);
  }

  get underWay(): number {
    return this.#underWay;
  }

  /** @returns whether one more may begin; then `end` must be called once */
  begin(): boolean {
    if (this.#underWay >= this.limit) {
      this.#peak = this.#underWay;
      return false;
    }
    this.#underWay += 1;
    this.#peak = Math.max(this.#peak, this.#underWay);
    return true;
  }

  end(): void {
    this.#underWay -= 1;
  }

  /**
   * @param delayMs how late the event loop was since the last time
   * @param heapRatio how much of the heap is in use, from 0 to 1
   */
  observe(delayMs: number, heapRatio: number): void {
    const { min, max, maxDelayMs, maxHeapRatio } = this.#options;
    if (delayMs > maxDelayMs || heapRatio > maxHeapRatio) {
      // From what there really was: a limit far above it would take long to be felt.
      this.#limit = Math.max(min, Math.min(this.#limit, this.#peak) * DECREASE);
    } else if (this.#peak >= this.limit) {
      this.#limit = Math.min(max, Math.max(this.#limit + 1, this.#limit * INCREASE));
    }
    this.#peak = this.#underWay;
  }
}
