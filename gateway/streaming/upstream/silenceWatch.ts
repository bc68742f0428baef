/** So many times the longest wait so far may the next one be. */
const PATIENCE = 3;

/**
 * Notices that a connection is dead on which only the other side sends heartbeats, as often as it likes. Whoever sends
 * none is never taken for dead; the first one says only that the connection has been opened. After the second, silence
 * for three times the longest wait from one to the next, and for two of our own heartbeats at least, is too long.
 */
export class SilenceWatch {
  readonly #leastMs: number;
  readonly #onSilence: () => void;
  #timer: NodeJS.Timeout | undefined;
  #limitMs = 0;
  #heardAt = performance.now();
  /** When the last heartbeat came: what else comes in between does not make them come more often. */
  #heartbeatAt: number | undefined;
  /** One is in what is being read. */
  #hasHeartbeat = false;
  #isOver = false;

  /** @param onSilence called at most once */
  constructor(heartbeatMs: number, onSilence: () => void) {
    this.#leastMs = 2 * heartbeatMs;
    this.#onSilence = onSilence;
  }

  /** To be called before `heard`: several that come together are one. */
  heartbeat(): void {
    this.#hasHeartbeat = true;
  }

  /** Something came, of whatever kind. */
  heard(): void {
    if (this.#isOver) return;
    this.#heardAt = performance.now();
    this.#timer?.refresh();
    if (!this.#hasHeartbeat) return;
    this.#hasHeartbeat = false;
    if (this.#heartbeatAt !== undefined) this.#allow(this.#heardAt - this.#heartbeatAt);
    this.#heartbeatAt = this.#heardAt;
  }

  #allow(waitedMs: number): void {
    const limitMs = Math.max(this.#leastMs, PATIENCE * waitedMs);
    if (limitMs <= this.#limitMs) return;
    this.#limitMs = limitMs;
    this.#judgeIn(limitMs);
  }

  #judgeIn(waitMs: number): void {
    clearTimeout(this.#timer);
    // When it is this process that was held up, what has come meanwhile is read first.
    this.#timer = setTimeout(() => setImmediate(() => this.#judge()), waitMs);
    this.#timer.unref();
  }

  /** A timer may ring early: it counts from when its turn of the event loop began, and that was before what was heard in it. */
  #judge(): void {
    if (this.#isOver) return;
    const restMs = this.#limitMs - (performance.now() - this.#heardAt);
    if (restMs <= 0) this.#onSilence();
    else this.#judgeIn(Math.ceil(restMs));
  }

  stop(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
  }
}
