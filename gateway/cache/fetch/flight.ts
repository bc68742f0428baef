/**
 * One load that several requests wait for. It belongs to none of them: whoever goes away only stops waiting, and the
 * load is cancelled when nobody waits any more.
 */
export class Flight<T> {
  readonly #outcome: Promise<T>;
  readonly #cancel = new AbortController();
  readonly #onCancel: () => void;
  #waiting = 0;

  /**
   * @param onCancel told at once when nobody waits any more, so that nobody joins what will not arrive
   * @param deadlineAt when the time of the request that began it is over, by `performance.now()`
   */
  constructor(
    load: (signal: AbortSignal, flight: Flight<T>) => Promise<T>,
    onCancel: () => void,
    readonly deadlineAt = Number.POSITIVE_INFINITY,
  ) {
    this.#onCancel = onCancel;
    this.#outcome = Promise.resolve().then(() => {
      this.#cancel.signal.throwIfAborted();
      return load(this.#cancel.signal, this);
    });
    // Whoever waits is told; when nobody does, nobody misses it.
    this.#outcome.catch(() => undefined);
  }

  get waiting(): number {
    return this.#waiting;
  }

  /** @param gone rejects this wait alone; without it, the wait lasts until the load is done */
  wait(gone: AbortSignal | undefined): Promise<T> {
    this.#waiting += 1;
    if (gone === undefined) return this.#outcome;
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#waiting -= 1;
        if (this.#waiting === 0) {
          this.#onCancel();
          this.#cancel.abort(gone.reason);
        }
        reject(gone.reason);
      };
      if (gone.aborted) {
        leave();
        return;
      }
      gone.addEventListener('abort', leave, { once: true });
      const stay = (): void => gone.removeEventListener('abort', leave);
      this.#outcome.then(
        (value) => {
          stay();
          resolve(value);
        },
        (error: unknown) => {
          stay();
          reject(error);
        },
      );
    });
  }
}
