import type { GraphQLFormattedError } from 'graphql';
import type { StreamSink } from '../streamSink.js';
import type { ClientConnection } from './clientConnection.js';

const nothing = () => undefined;

/** One operation on one WebSocket. There are many of them, so each keeps as little as possible. */
export class OperationSink implements StreamSink {
  readonly id: string;
  readonly #connection: ClientConnection;
  #head: Buffer | undefined;
  /** `undefined` once it is over. */
  #leave: (() => void) | undefined = nothing;

  constructor(connection: ClientConnection, id: string) {
    this.#connection = connection;
    this.id = id;
  }

  /** @param leave ends what sends the results */
  begin(leave: () => void): void {
    // It may have failed at once.
    if (this.#leave === undefined) leave();
    else this.#leave = leave;
  }

  next(result: Buffer): void {
    if (this.#leave === undefined) return;
    this.#head ??= Buffer.from(`{"id":${JSON.stringify(this.id)},"type":"next","payload":`);
    this.#connection.sendResult(this.#head, result);
  }

  fail(errors: readonly GraphQLFormattedError[]): void {
    this.#finish({ id: this.id, type: 'error', payload: errors });
  }

  complete(): void {
    this.#finish({ id: this.id, type: 'complete' });
  }

  /** The client wants no more of it, or is gone. */
  stop(): void {
    const leave = this.#leave;
    this.#leave = undefined;
    this.#connection.forget(this);
    leave?.();
  }

  #finish(message: unknown): void {
    const leave = this.#leave;
    if (leave === undefined) return;
    this.#leave = undefined;
    this.#connection.forget(this);
    this.#connection.send(JSON.stringify(message));
    leave();
  }
}
