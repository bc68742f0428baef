import { createClient as createSseClient } from 'graphql-sse';
import { createClient as createSocketClient } from 'graphql-ws';
import type { LiveRun, SentOperation } from '../state/run';
import { changeState, readState } from '../state/store';
import { GRAPHQL_PATH, type GraphqlResult } from './request';
import { LARGE_RESULT, shorten } from './shorten';

/** Of more, the first are forgotten. */
const EVENTS_KEPT = 50;

/**
 * Subscribes, and shows each event beside the result that the editor has.
 *
 * Not a generator: one that waits for the next event cannot be ended before that comes.
 */
export function subscribeLive(sent: SentOperation): AsyncIterableIterator<GraphqlResult> {
  const { transport } = readState();
  changeState({
    live: { transport, sent, events: [], count: 0, isOpen: true },
    run: undefined,
    previous: undefined,
  });
  const client = transport === 'WebSocket' ? overSocket(sent) : overSse(sent);
  const events = client.events[Symbol.asyncIterator]();

  function end(): void {
    client.close();
    const { live } = readState();
    if (live?.sent === sent) changeState({ live: { ...live, isOpen: false } });
  }

  const iterator: AsyncIterableIterator<GraphqlResult> = {
    [Symbol.asyncIterator]: () => iterator,
    async next() {
      try {
        const step = await events.next();
        if (!step.done) return { done: false, value: show(step.value) };
        end();
        return step;
      } catch (error) {
        end();
        throw error;
      }
    },
    async return() {
      end();
      await events.return?.();
      return { done: true, value: undefined };
    },
  };
  return iterator;
}

interface LiveClient {
  readonly events: AsyncIterable<GraphqlResult>;
  close(): void;
}

function overSocket({ headers, ...payload }: SentOperation): LiveClient {
  const url = new URL(GRAPHQL_PATH, location.href);
  url.protocol = url.protocol.replace('http', 'ws');
  // A page cannot set headers on a socket: the gateway takes them from its first message.
  const client = createSocketClient({ url: url.href, connectionParams: headers, retryAttempts: 0 });
  return {
    events: client.iterate(payloadOf(payload)) as AsyncIterable<GraphqlResult>,
    close: () => void client.dispose(),
  };
}

function overSse({ headers, ...payload }: SentOperation): LiveClient {
  const client = createSseClient({ url: GRAPHQL_PATH, headers, retryAttempts: 0 });
  return {
    events: client.iterate(payloadOf(payload)) as AsyncIterable<GraphqlResult>,
    close: () => client.dispose(),
  };
}

function payloadOf({ query, variables, operationName }: Omit<SentOperation, 'headers'>) {
  return {
    query,
    ...(variables !== undefined && { variables: { ...variables } }),
    ...(operationName !== undefined && { operationName }),
  };
}

/** Adds it to the list. @returns what the editor is to show */
function show(result: GraphqlResult): GraphqlResult {
  const text = JSON.stringify(result);
  const shown = text.length > LARGE_RESULT ? (shorten(result) as GraphqlResult) : result;
  const { live } = readState();
  if (live === undefined) return shown;
  const event = { number: live.count + 1, at: Date.now(), bytes: text.length, summary: text.slice(0, 200) };
  const changed: LiveRun = {
    ...live,
    events: [...live.events.slice(1 - EVENTS_KEPT), event],
    count: live.count + 1,
  };
  changeState({ live: changed });
  return shown;
}
