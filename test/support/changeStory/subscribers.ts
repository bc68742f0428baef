import { graphqlSocketClient } from '../graphqlSocketClient.js';
import { type StreamResults, streamResults } from '../streamResults.js';
import type { TestChannel } from '../testChannel.js';
import { until } from '../until.js';
import { CHANGES, type ChangedProduct } from './catalogue.js';

export interface Subscribers {
  /** Ends the events, waits for the last ones, and says what went wrong: nothing, as it should be. */
  finish(): Promise<readonly string[]>;
}

/** Clients that listen over WebSockets, and events that are numbered, so that a missing one is seen. */
export async function startSubscribers(
  url: string,
  changes: TestChannel<ChangedProduct>,
  count = 10,
): Promise<Subscribers> {
  const clients = Array.from({ length: count }, () => graphqlSocketClient(`${url}/graphql`));
  const streams = clients.map((client) => streamResults(client, CHANGES));
  // One subscription upstream serves all who want the same.
  await until('the subgraph is subscribed to', () => changes.listeners > 0);
  let published = 0;
  const timer = setInterval(() => {
    published += 1;
    changes.publish({ id: '1', name: String(published) });
  }, 50);
  await until('each has heard something', () => streams.every(({ results }) => results.length > 0));
  return {
    async finish() {
      clearInterval(timer);
      const last = String(published);
      await until('each has heard the last', () =>
        streams.every((stream) => hasEnded(stream) || numbersOf(stream).at(-1) === last),
      );
      const faults = streams.flatMap((stream, index) => faultsOf(stream, index));
      await Promise.all(clients.map((client) => client.dispose()));
      return faults;
    },
  };
}

function hasEnded({ error, isComplete }: StreamResults): boolean {
  return error !== undefined || isComplete;
}

function numbersOf({ results }: StreamResults): readonly string[] {
  return results.map(({ data }) => (data as { productChanged: { name: string } }).productChanged.name);
}

function faultsOf(stream: StreamResults, index: number): string[] {
  if (hasEnded(stream)) return [`subscriber ${index} was dropped: ${JSON.stringify(stream.error)}`];
  const numbers = numbersOf(stream).map(Number);
  const gap = numbers.findIndex(
    (number, position) => position > 0 && number !== (numbers[position - 1] ?? 0) + 1,
  );
  return gap < 0 ? [] : [`subscriber ${index} missed an event before ${numbers[gap]}`];
}
