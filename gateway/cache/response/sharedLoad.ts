import { setMaxListeners } from 'node:events';
import type { ClientWatch } from './clientWatch.js';

/** One load that several requests wait for. It is given up only when all of them are gone. */
export class SharedLoad<T> {
  readonly result: Promise<T>;
  readonly #abort = new AbortController();
  #waiting = 0;

  constructor(load: (signal: AbortSignal) => Promise<T>) {
    // As many listen as fetches are under way.
    setMaxListeners(0, this.#abort.signal);
    this.result = load(this.#abort.signal);
    // Whoever waits sees the failure; when nobody does, it is nobody's.
    this.result.catch(() => {});
  }

  /** Whether it was given up: nobody may join it any more. */
  get abandoned(): boolean {
    return this.#abort.signal.aborted;
  }

  /** @param client whoever waits; without it the load goes on to its end */
  wait(client?: Pick<ClientWatch, 'whenGone'>): Promise<T> {
    this.#waiting++;
    client?.whenGone((reason) => this.#leave(reason));
    return this.result;
  }

  #leave(reason: unknown): void {
    this.#waiting--;
    if (this.#waiting === 0) this.#abort.abort(reason);
  }
}
