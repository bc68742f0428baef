/** Time as the database layer sees it; tests put a clock of their own in its place. */
export interface Timers {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Calls back once after `delayMs`, unless the returned function is called before. */
  after(delayMs: number, callback: () => void): () => void;
}

/** Never keeps the process alive: what it drives (heartbeats, expiry, retries) has no use in a process that is done. */
export const systemTimers: Timers = {
  now: () => Date.now(),
  after(delayMs, callback) {
    const timer = setTimeout(callback, delayMs);
    timer.unref();
    return () => clearTimeout(timer);
  },
};
