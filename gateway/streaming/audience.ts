import type { GraphQLFormattedError } from 'graphql';
import { inTurns, TURN_SIZE } from './inTurns.js';
import type { StreamSink } from './streamSink.js';

/** Those who are sent the same results. Where they are many, they are told in several turns of the event loop. */
export class Audience {
  readonly #sinks = new Set<StreamSink>();
  readonly #onEmpty: () => void;
  /** Resolves when all were told what there was to tell; `undefined` when they have been. */
  #telling: Promise<void> | undefined;
  #ended = false;

  /** @param onEmpty called once, when the last one has left, or all are told the end */
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

  /**
   * Sends it to all who are here now, after all that came before.
   * @returns a promise that resolves when it went to all of them, where that takes longer than this call
   */
  next(result: Buffer): Promise<void> | undefined {
    return this.#tell(this.#sinks, (sink) => sink.next(result));
  }

  fail(errors: readonly GraphQLFormattedError[]): void {
    this.#tell(this.#takeAll(), (sink) => sink.fail(errors));
  }

  complete(): void {
    this.#tell(this.#takeAll(), (sink) => sink.complete());
  }

  #tell(sinks: ReadonlySet<StreamSink>, message: (sink: StreamSink) => void): Promise<void> | undefined {
    if (this.#telling === undefined && sinks.size <= TURN_SIZE) {
      for (const sink of sinks) message(sink);
      return undefined;
    }
    // Who joins later is not told; one who leaves meanwhile does not listen any more.
    const all = [...sinks];
    const begin = () => inTurns(all, message);
    const telling = this.#telling === undefined ? begin() : this.#telling.then(begin, begin);
    const told = () => {
      if (this.#telling === telling) this.#telling = undefined;
    };
    this.#telling = telling;
    telling.then(told, told);
    return telling;
  }

  #takeAll(): ReadonlySet<StreamSink> {
    const all = new Set(this.#sinks);
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
