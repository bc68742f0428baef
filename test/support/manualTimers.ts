import type { Timers } from '../../platform/database/timers.js';

/** A clock that stands still until it is advanced. */
export class ManualTimers implements Timers {
  #now = 1_700_000_000_000;
  readonly #waiting = new Set<{ readonly at: number; readonly callback: () => void }>();

  /** How many callbacks are still to come. */
  get pending(): number {
    return this.#waiting.size;
  }

  now(): number {
    return this.#now;
  }

  after(delayMs: number, callback: () => void): () => void {
    const timer = { at: this.#now + delayMs, callback };
    this.#waiting.add(timer);
    return () => this.#waiting.delete(timer);
  }

  /** Calls what becomes due, in order, and lets each one's promises run. */
  async advance(durationMs: number): Promise<void> {
    const end = this.#now + durationMs;
    await settle();
    for (;;) {
      const [due] = [...this.#waiting].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at);
      if (due === undefined) break;
      this.#waiting.delete(due);
      this.#now = due.at;
      due.callback();
      await settle();
    }
    this.#now = end;
  }
}

/** Every promise that is already resolved has run when a turn of the event loop is over. */
const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
