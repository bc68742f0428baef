import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buildSchema, GraphQLError } from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import { formatOperationTime } from '../../platform/database/operationTime.js';

interface TestEvent {
  readonly tags: readonly string[];
  readonly cursor: string;
  readonly operationTime: string | null;
}

interface Subscriber {
  readonly after: string | null;
  send(payload: TestEvent | GraphQLError): void;
}

export interface TestFeed extends AsyncDisposable {
  readonly url: string;
  /** The `after` of each subscription, oldest first. The second of a resuming connection asks for the present. */
  readonly subscriptions: readonly (string | null)[];
  /** Open connections. */
  readonly connections: number;
  /** Happens, and is sent to whoever is subscribed. @returns its cursor */
  push(...tags: string[]): string;
  /** Nothing happened. */
  heartbeat(): void;
  /** Every cursor given out so far is refused from now on. */
  forget(): void;
  /** Drops every connection without a word. */
  cut(): void;
  /** Takes connections and subscriptions, and sends nothing; `false` sends what was held back to new subscribers only. */
  mute(silent: boolean): void;
  /** What was sent so far is repeated as it is, to one that is no invalidation for instance. */
  sendRaw(payload: unknown): void;
}

export interface TestFeedOptions {
  /** @default any */
  readonly token?: string;
  /** False for a feed that knows no operation times. @default true */
  readonly timed?: boolean;
  /** @default a free one */
  readonly port?: number;
}

const SCHEMA = `
  type Query { subgraph: String! }
  type Subscription { invalidations(after: String): Invalidation! }
  type Invalidation { tags: [String!]! cursor: String! operationTime: String }
`;

/** A feed on a real WebSocket whose every word the test decides. */
export async function startTestFeed(options: TestFeedOptions = {}): Promise<TestFeed> {
  const { timed = true, token } = options;
  const history: TestEvent[] = [];
  const subscribers = new Set<Subscriber>();
  const subscriptions: (string | null)[] = [];
  let forgotten = 0;
  let silent = false;

  const eventAt = (position: number, tags: readonly string[]): TestEvent => ({
    tags,
    cursor: `c${position}`,
    operationTime: timed ? formatOperationTime('test', BigInt(position)) : null,
  });

  function subscribe(after: string | null): AsyncGenerator<TestEvent | GraphQLError> {
    subscriptions.push(after);
    const waiting: (TestEvent | GraphQLError)[] = [];
    let wake = (): void => undefined;
    let done = false;
    const subscriber: Subscriber = {
      after,
      send(payload) {
        waiting.push(payload);
        wake();
      },
    };
    subscribers.add(subscriber);
    if (silent) {
      // Nothing, whatever was asked for.
    } else if (after === null) {
      subscriber.send(eventAt(history.length, []));
    } else if (Number(after.slice(1)) < forgotten) {
      subscriber.send(new GraphQLError('gone', { extensions: { code: 'CURSOR_LOST' } }));
    } else {
      for (const event of history.slice(Number(after.slice(1)))) subscriber.send(event);
    }
    return {
      async next() {
        while (waiting.length === 0 && !done) {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
        const value = waiting.shift();
        return value === undefined ? { value: undefined, done: true } : { value, done: false };
      },
      async return() {
        done = true;
        subscribers.delete(subscriber);
        wake();
        return { value: undefined, done: true };
      },
      throw: (error) => Promise.reject(error),
      [Symbol.asyncIterator]() {
        return this;
      },
      [Symbol.asyncDispose]: async () => undefined,
    };
  }

  const schema = buildSchema(SCHEMA);
  const field = schema.getSubscriptionType()?.getFields()['invalidations'];
  if (!field) throw new Error('the schema has no such field');
  field.subscribe = (_source, { after }: { after?: string | null }) => subscribe(after ?? null);
  field.resolve = (payload) => {
    if (payload instanceof GraphQLError) throw payload;
    return payload;
  };

  const http = createServer();
  const sockets = new WebSocketServer({ server: http });
  const server = useServer(
    {
      schema,
      onConnect: ({ connectionParams }) =>
        token === undefined || connectionParams?.['authorization'] === `Bearer ${token}`,
    },
    sockets,
  );
  await new Promise<void>((resolve) => http.listen(options.port ?? 0, '127.0.0.1', resolve));

  const sendAll = (payload: TestEvent) => {
    if (silent) return;
    for (const subscriber of subscribers) subscriber.send(payload);
  };
  return {
    url: `ws://127.0.0.1:${(http.address() as AddressInfo).port}/invalidations`,
    subscriptions,
    get connections() {
      return sockets.clients.size;
    },
    push(...tags) {
      const event = eventAt(history.length + 1, tags);
      history.push(event);
      sendAll(event);
      return event.cursor;
    },
    heartbeat: () => sendAll(eventAt(history.length, [])),
    forget() {
      forgotten = history.length + 1;
    },
    cut() {
      for (const socket of sockets.clients) socket.terminate();
    },
    mute(on) {
      silent = on;
    },
    sendRaw: (payload) => sendAll(payload as TestEvent),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets.clients) socket.terminate();
      await server.dispose();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}
