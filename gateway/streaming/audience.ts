import type { GraphQLFormattedError } from 'graphql';
import { inTurns, TURN_SIZE } from './inTurns.js';
import type { StreamSink } from './streamSink.js';

/** Those who are sent the same results. Where they are many, they are told in several turns of the event loop. */
export class Audience {
  /** With how many had joined by then. */
  readonly #sinks = new Map<StreamSink, number>();
  #joined = 0;
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
    this.#joined += 1;
    this.#sinks.set(sink, this.#joined);
  }

  /** To be taken when something happens of which those are not to be told who join later. */
  moment(): number {
    return this.#joined;
  }

  leave(sink: StreamSink): void {
    if (this.#sinks.delete(sink) && this.#sinks.size === 0) this.#end();
  }

  /**
   * Sends it to all who are here now, after all that came before.
   * @param moment of those who are here, only who was here then
   * @returns a promise that resolves when it went to all of them, where that takes longer than this call
   */
  next(result: Buffer, moment = this.#joined): Promise<void> | undefined {
    return this.#tell(this.#hereSince(moment), (sink) => sink.next(result));
  }

  fail(errors: readonly GraphQLFormattedError[]): void {
    this.#tell(this.#takeAll(), (sink) => sink.fail(errors));
  }

  complete(): void {
    this.#tell(this.#takeAll(), (sink) => sink.complete());
  }

  #hereSince(moment: number): StreamSink[] {
    const all = [...this.#sinks.keys()];
    return moment === this.#joined ? all : all.filter((sink) => (this.#sinks.get(sink) ?? 0) <= moment);
  }

  #tell(all: readonly StreamSink[], message: (sink: StreamSink) => void): Promise<void> | undefined {
    // Who joins later is not told; one who leaves meanwhile does not listen any more.
    if (this.#telling === undefined && all.length <= TURN_SIZE) {
      for (const sink of all) message(sink);
      return undefined;
    }
    const begin = () => inTurns(all, message);
    const telling = this.#telling === undefined ? begin() : this.#telling.then(begin, begin);
    const told = () => {
      if (this.#telling === telling) this.#telling = undefined;
    };
    this.#telling = telling;
    telling.then(told, told);
    return telling;
  }

  #takeAll(): StreamSink[] {
    const all = [...this.#sinks.keys()];
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
