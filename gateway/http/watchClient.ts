import { setMaxListeners } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { ClientWatch } from '../cache/response/clientWatch.js';

/** On the response itself, so that all responses share one listener. */
const WATCH = Symbol('watch');

interface Watched extends ServerResponse {
  [WATCH]?: ResponseWatch | undefined;
}

/** Watches the client of a response, until it goes away or its answer is there. */
export class ResponseWatch implements ClientWatch {
  readonly #response: Watched;
  readonly #leaving: ((reason: unknown) => void)[] = [];
  #reason: Error | undefined;
  #controller: AbortController | undefined;

  constructor(response: Watched) {
    this.#response = response;
    response[WATCH] = this;
    response.on('close', notice);
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      const controller = new AbortController();
      // As many listen as fetches are under way.
      setMaxListeners(0, controller.signal);
      this.whenGone((reason) => controller.abort(reason));
      this.#controller = controller;
    }
    return this.#controller.signal;
  }

  whenGone(leave: (reason: unknown) => void): void {
    if (this.#reason === undefined) this.#leaving.push(leave);
    else leave(this.#reason);
  }

  /** For the listener. */
  gone(): void {
    this.#reason = new Error('the client went away');
    for (const leave of this.#leaving.splice(0)) leave(this.#reason);
  }

  /**
   * To be called when the answer is there. As long as a client is watched, its response holds on to whatever waits to be
   * told, and with that to the load and to all of the answer as text, for as long as a slow reader takes.
   */
  unwatch(): void {
    this.#response.off('close', notice);
    // Not deleted: that would turn the response into a slow dictionary.
    this.#response[WATCH] = undefined;
  }
}

function notice(this: Watched): void {
  if (!this.writableFinished) this[WATCH]?.gone();
}
