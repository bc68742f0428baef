import type { Timers } from '../../../platform/database/timers.js';
import { withDeadline } from '../redis/deadline.js';
import type { CursorStore } from './cursorStore.js';

export interface CursorSaverOptions {
  readonly subgraph: string;
  readonly store: CursorStore;
  /** Resolves once every purge applied so far is done in the caches that outlive this process. */
  settled(): Promise<void>;
  /** How often the cursor is saved at most; an older one only means a longer replay. */
  readonly everyMs: number;
  /** How long the caches may take to settle before they count as out of reach. */
  readonly settleTimeoutMs: number;
  readonly timers: Timers;
  /** Called once per failure; nothing is saved from then on until `release`. */
  onFailure(error: unknown): void;
}

/**
 * Saves the latest applied cursor, never before its purges are done. After a failure it holds still: the store may
 * come back with an older cursor and older records, and writing over that cursor would lose where to replay from.
 */
export class CursorSaver {
  readonly #options: CursorSaverOptions;
  #pending: string | undefined;
  #running = false;
  #held = false;
  #closed = false;

  constructor(options: CursorSaverOptions) {
    this.#options = options;
  }

  /** To be called after the purges up to the cursor were handed over. */
  save(cursor: string): void {
    this.#pending = cursor;
    this.#start();
  }

  hold(): void {
    this.#held = true;
  }

  release(): void {
    this.#held = false;
    this.#start();
  }

  close(): void {
    this.#closed = true;
  }

  #start(): void {
    if (this.#running || this.#held || this.#closed || this.#pending === undefined) return;
    this.#running = true;
    void this.#saveOne();
  }

  async #saveOne(): Promise<void> {
    const { subgraph, store, settled, settleTimeoutMs, everyMs, timers, onFailure } = this.#options;
    const cursor = this.#pending as string;
    this.#pending = undefined;
    try {
      await withDeadline(settled(), 'settling purges', settleTimeoutMs, timers);
      if (!this.#held && !this.#closed) await store.save(subgraph, cursor);
    } catch (error) {
      if (!this.#held && !this.#closed) {
        this.#held = true;
        onFailure(error);
      }
    }
    timers.after(everyMs, () => {
      this.#running = false;
      this.#start();
    });
  }
}
