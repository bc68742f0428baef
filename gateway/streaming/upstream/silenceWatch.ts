/** So many times the longest wait so far may the next one be. */
const PATIENCE = 3;

/**
 * Notices that a connection is dead on which only the other side sends heartbeats, as often as it likes. Whoever sends
 * none is never taken for dead; the first one says only that the connection has been opened. After the second, silence
 * for three times the longest wait for one, and for two of our own heartbeats at least, is too long.
 */
export class SilenceWatch {
  readonly #leastMs: number;
  readonly #onSilence: () => void;
  #timer: NodeJS.Timeout | undefined;
  #limitMs = 0;
  #heartbeats = 0;
  #heardAt = performance.now();

  /** @param onSilence called at most once */
  constructor(heartbeatMs: number, onSilence: () => void) {
    this.#leastMs = 2 * heartbeatMs;
    this.#onSilence = onSilence;
  }

  /** Something came, of whatever kind. */
  heard(): void {
    this.#heardAt = performance.now();
    this.#timer?.refresh();
  }

  heartbeat(): void {
    this.#heartbeats += 1;
    if (this.#heartbeats < 2) return;
    const waitedMs = performance.now() - this.#heardAt;
    const limitMs = Math.max(this.#leastMs, PATIENCE * waitedMs);
    if (limitMs <= this.#limitMs) return;
    this.#limitMs = limitMs;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#judge(), limitMs);
    this.#timer.unref();
  }

  /** When it is this process that was held up, what has come meanwhile is read first. */
  #judge(): void {
    setImmediate(() => {
      if (this.#timer !== undefined && performance.now() - this.#heardAt >= this.#limitMs) this.#onSilence();
    });
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
