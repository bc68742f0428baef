import { setTimeout as sleep } from 'node:timers/promises';
import { HttpConnection } from '../support/httpConnection.js';
import { within } from './traffic.js';

export interface FlowOptions {
  readonly url: string;
  /** At most so many are under way. */
  readonly connections: number;
  readonly perSecond: number;
  /** Never the same number twice. */
  request(index: number): Buffer;
}

/** Never given twice, by whatever flow. */
let numbers = 0;

/** Clients of one kind, whose number can be changed; what they are answered is nobody's business. */
export class Flow {
  readonly #clients: Promise<unknown>;
  readonly #connections: number;
  readonly #end = new AbortController();
  #perSecond: number;

  constructor(options: FlowOptions) {
    this.#perSecond = options.perSecond;
    this.#connections = options.connections;
    this.#clients = Promise.all(Array.from({ length: options.connections }, () => this.#client(options)));
  }

  /** Of all clients together; 0 is none. */
  pace(perSecond: number): void {
    this.#perSecond = perSecond;
  }

  async stop(): Promise<void> {
    this.#end.abort();
    await this.#clients;
  }

  async #client({ url, request }: FlowOptions): Promise<void> {
    const connection = new HttpConnection(url);
    const { signal } = this.#end;
    // Not all at once.
    let waitMs = Math.random() * this.#everyMs();
    while (!signal.aborted) {
      await sleep(waitMs, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) break;
      if (this.#perSecond === 0) {
        waitMs = 500;
        continue;
      }
      const sentAt = performance.now();
      await within(connection, request(numbers++));
      waitMs = Math.max(0, this.#everyMs() - (performance.now() - sentAt));
    }
    connection.close();
  }

  #everyMs(): number {
    return this.#perSecond === 0 ? 0 : (this.#connections * 1000) / this.#perSecond;
  }
}
