import type { GraphQLFormattedError } from 'graphql';
import type { StreamSink } from './streamSink.js';

/** Those who are sent the same results. */
export class Audience {
  readonly #sinks = new Set<StreamSink>();
  readonly #onEmpty: () => void;
  #ended = false;

  /** @param onEmpty called once, when the last one has left or all were told the end */
  constructor(onEmpty: () => void) {
    this.#onEmpty = onEmpty;
  }

  get size(): number {
    return this.#sinks.size;
  }

  get ended(): boolean {
    return this.#ended;
  }

  join(sink: StreamSink): void {
    this.#sinks.add(sink);
  }

  leave(sink: StreamSink): void {
    if (this.#sinks.delete(sink) && this.#sinks.size === 0) this.#end();
  }

  next(result: Buffer): void {
    for (const sink of this.#sinks) sink.next(result);
  }

  fail(errors: readonly GraphQLFormattedError[]): void {
    for (const sink of this.#takeAll()) sink.fail(errors);
  }

  complete(): void {
    for (const sink of this.#takeAll()) sink.complete();
  }

  #takeAll(): StreamSink[] {
    const all = [...this.#sinks];
    this.#sinks.clear();
    this.#end();
    return all;
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#onEmpty();
  }
}
