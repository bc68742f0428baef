import type { Client, FormattedExecutionResult, SubscribePayload } from 'graphql-ws';
import { until } from './until.js';

/** What one subscriber got so far. */
export interface StreamResults {
  readonly results: readonly FormattedExecutionResult[];
  /** GraphQL errors, a close event, or an `Error`; `undefined` while there was none. */
  readonly error: unknown;
  readonly isComplete: boolean;
  /** Resolves with the first `count` results once they are there. */
  first(count: number): Promise<readonly FormattedExecutionResult[]>;
  /** Resolves with the error that ended it. */
  failure(): Promise<unknown>;
  stop(): void;
}

/** Subscribes with the client of `graphql-ws`, and keeps all that comes. */
export function streamResults(client: Client, payload: SubscribePayload | string): StreamResults {
  const results: FormattedExecutionResult[] = [];
  let error: unknown;
  let isComplete = false;
  const stop = client.subscribe(typeof payload === 'string' ? { query: payload } : payload, {
    next: (result) => void results.push(result as FormattedExecutionResult),
    error: (reason) => {
      error = reason;
    },
    complete: () => {
      isComplete = true;
    },
  });
  return {
    results,
    get error() {
      return error;
    },
    get isComplete() {
      return isComplete;
    },
    async first(count) {
      await until(`${count} results came`, () => results.length >= count || error !== undefined);
      if (results.length < count) throw new Error(`the stream failed: ${JSON.stringify(error)}`);
      return results.slice(0, count);
    },
    async failure() {
      await until('the stream failed', () => error !== undefined);
      return error;
    },
    stop,
  };
}
