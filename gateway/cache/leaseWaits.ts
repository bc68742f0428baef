import type { Timers } from '../../platform/database/timers.js';
import type { LeaseStats } from './lease.js';
import { type LeaseEnd, type LeaseLook, LeaseWait } from './leaseWait.js';

export interface LeaseWaitsOptions {
  /** Looks at keys without taking their leases. In their order. Never rejects. */
  look(keys: readonly string[], source: string): Promise<readonly LeaseLook[]>;
  /** For how long a fetch waits for what other processes are loading. */
  readonly waitMs: number;
  readonly timers: Timers;
  readonly stats: LeaseStats;
}

const FIRST_DELAY_MS = 5;
const LONGEST_DELAY_MS = 40;

/** The keys that this process waits for. However many requests wait for one, it is looked for once. */
export class LeaseWaits {
  readonly #options: LeaseWaitsOptions;
  readonly #watched = new Map<string, Promise<LeaseEnd>>();

  constructor(options: LeaseWaitsOptions) {
    this.#options = options;
  }

  /** The waiting of one fetch, which begins now. @param gone ends it at once */
  begin(source: string, gone?: AbortSignal): LeaseWait {
    const { timers, waitMs, stats } = this.#options;
    const until = timers.now() + waitMs;
    const watch = (keys: readonly string[]) => this.#watch(keys, source, until);
    return new LeaseWait({ watch, until, timers, stats, gone });
  }

  #watch(keys: readonly string[], source: string, until: number): readonly Promise<LeaseEnd>[] {
    const open = new Map<string, (end: LeaseEnd) => void>();
    for (const key of keys) {
      if (this.#watched.has(key)) continue;
      this.#watched.set(key, new Promise((resolve) => open.set(key, resolve)));
    }
    const watched = keys.map((key) => this.#watched.get(key) as Promise<LeaseEnd>);
    if (open.size > 0) void this.#lookUntil(open, source, until);
    return watched;
  }

  async #lookUntil(open: Map<string, (end: LeaseEnd) => void>, source: string, until: number): Promise<void> {
    const { timers, look } = this.#options;
    for (let delayMs = FIRST_DELAY_MS; open.size > 0; delayMs = Math.min(2 * delayMs, LONGEST_DELAY_MS)) {
      const restMs = until - timers.now();
      await new Promise<void>((resolve) => timers.after(Math.min(delayMs, restMs), resolve));
      const keys = [...open.keys()];
      const looks = timers.now() < until ? await look(keys, source) : undefined;
      for (const [index, key] of keys.entries()) {
        const seen = looks === undefined ? 'expired' : (looks[index] ?? 'silent');
        if (seen === 'held') continue;
        this.#watched.delete(key);
        open.get(key)?.(seen);
        open.delete(key);
      }
    }
  }
}
