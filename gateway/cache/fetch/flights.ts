import type { Flight } from './flight.js';

/** A load under way, and which of its parts is meant. */
export interface FlightPart<T> {
  readonly flight: Flight<T>;
  readonly index: number;
}

/** The loads under way that a request may join, by subgraph and key. */
export class Flights<T> {
  readonly #bySubgraph = new Map<string, Map<string, FlightPart<T>>>();

  find(subgraph: string, key: string): FlightPart<T> | undefined {
    return this.#bySubgraph.get(subgraph)?.get(key);
  }

  /** From now on these keys are joined to this load, also where an older one is under way. */
  add(subgraph: string, keys: readonly string[], flight: Flight<T>): void {
    let parts = this.#bySubgraph.get(subgraph);
    if (parts === undefined) {
      parts = new Map();
      this.#bySubgraph.set(subgraph, parts);
    }
    for (const [index, key] of keys.entries()) parts.set(key, { flight, index });
  }

  remove(subgraph: string, keys: readonly string[], flight: Flight<T>): void {
    const parts = this.#bySubgraph.get(subgraph);
    for (const key of keys) {
      if (parts?.get(key)?.flight === flight) parts.delete(key);
    }
    if (parts?.size === 0) this.#bySubgraph.delete(subgraph);
  }

  /** Nobody joins the loads under way any more; those who wait already get what they bring. */
  close(subgraph: string | undefined): void {
    if (subgraph === undefined) this.#bySubgraph.clear();
    else this.#bySubgraph.delete(subgraph);
  }
}
