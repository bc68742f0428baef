import { type AddressInfo, createServer, type Socket } from 'node:net';
import type { GraphQLFormattedError } from 'graphql';
import type { SubgraphResponse } from '../../gateway/execution/types.js';
import type { UpstreamRequest } from '../../gateway/streaming/upstream/upstreamTransport.js';
import { createUpstreamTransports } from '../../gateway/streaming/upstream/upstreamTransports.js';
import { type CuttableProxy, startCuttableProxy } from './cuttableProxy.js';
import { federationLink } from './federationLink.js';
import { TestChannel } from './testChannel.js';
import { startTestSubgraph, type TestSubgraph } from './testSubgraph.js';
import type { SubscriptionDoor } from './testSubgraphSocket.js';
import { until } from './until.js';
import { upstreamRequest } from './upstreamRequest.js';

export interface UpstreamTransportContract {
  /** The scheme of its addresses. */
  readonly scheme: 'ws' | 'http';
  door(subgraph: TestSubgraph): SubscriptionDoor;
}

const TYPE_DEFS = `${federationLink('@key')}
  type Query { version: Int! }
  type Subscription { counted(from: Int): Int! refused: Int! }
`;
const COUNTED = 'subscription Counted($from: Int) { counted(from: $from) }';
const MAX_MESSAGE_BYTES = 10_000;

/** What is called on one sink, as text, in order. */
interface Heard {
  readonly calls: readonly string[];
  /** Resolves once this was called. */
  until(call: string | RegExp): Promise<void>;
  stop(): void;
}

/** What every way to subscribe at a subgraph has to do. The subgraphs are not ours, and neither are their servers. */
export function upstreamTransportContract({ scheme, door: doorOf }: UpstreamTransportContract): void {
  let counts: TestChannel<number | Error>;
  let subgraph: TestSubgraph;
  let door: SubscriptionDoor;
  let proxy: CuttableProxy;
  let transports: ReturnType<typeof createUpstreamTransports>;

  beforeAll(async () => {
    counts = new TestChannel();
    subgraph = await startTestSubgraph({
      name: 'counter',
      typeDefs: TYPE_DEFS,
      resolvers: {
        Subscription: {
          counted: {
            subscribe: () => counts.subscribe(),
            resolve(count: number | Error) {
              if (count instanceof Error) throw count;
              return count;
            },
          },
          refused: {
            subscribe() {
              throw new Error('not for you');
            },
          },
        },
      },
    });
    door = doorOf(subgraph);
    proxy = await startCuttableProxy(Number(new URL(subgraph.url).port));
    transports = createUpstreamTransports({
      connectTimeoutMs: 2_000,
      heartbeatMs: 1_000,
      maxMessageBytes: MAX_MESSAGE_BYTES,
    });
  });
  afterAll(async () => {
    transports.close();
    await proxy[Symbol.asyncDispose]();
    await subgraph.close();
  });
  afterEach(async () => {
    proxy.restore();
    door.refuse(false);
    door.cut();
    await until('nobody is subscribed', () => counts.listeners === 0);
  });

  function subscribe(change: Partial<UpstreamRequest> = {}): Heard {
    const calls: string[] = [];
    const request = upstreamRequest(`${scheme}://127.0.0.1:${proxy.port}/graphql`, {
      subgraph: 'counter',
      query: COUNTED,
      operationName: 'Counted',
      variables: { from: 7 },
      headers: { 'x-tenant': 'blue' },
      ...change,
    });
    const messages = (errors: readonly GraphQLFormattedError[]) =>
      errors.map(({ message }) => message).join();
    const stop = transports.of(request).subscribe(request, {
      opened: () => void calls.push('opened'),
      next: ({ data, errors }: SubgraphResponse) =>
        void calls.push(errors ? `failed ${messages(errors)}` : `next ${String(data?.['counted'])}`),
      refused: (errors) => void calls.push(`refused ${messages(errors)}`),
      lost: ({ message }) => void calls.push(`lost ${message}`),
      complete: () => void calls.push('complete'),
    });
    return {
      calls,
      until: (call) =>
        until(`${call} was called`, () =>
          calls.some((made) => (typeof call === 'string' ? made === call : call.test(made))),
        ),
      stop,
    };
  }
  const listening = (count = 1) => until('the subgraph is listened to', () => counts.listeners === count);

  it('tells that it is open, and then brings every event in order, however many come at once', async () => {
    const heard = subscribe();
    await listening();
    await heard.until('opened');
    const all = Array.from({ length: 2_000 }, (_, count) => count);
    for (const count of all) counts.publish(count);
    await heard.until('next 1999');
    expect(heard.calls).toEqual(['opened', ...all.map((count) => `next ${count}`)]);
    heard.stop();
  });

  it('sends the operation, its variables, headers, and what it resumes after', async () => {
    const heard = subscribe({ resumeAfter: 'cursor-5' });
    await listening();
    expect(door.received.at(-1)).toMatchObject({
      query: COUNTED,
      variables: { from: 7 },
      headers: { 'x-tenant': 'blue' },
      extensions: { headgate: { resumeAfter: 'cursor-5' } },
    });
    heard.stop();
    await listening(0);
    const other = subscribe();
    await listening();
    expect(door.received.at(-1)?.extensions).toEqual({});
    other.stop();
  });

  it('brings an event that has errors as an event', async () => {
    const heard = subscribe();
    await listening();
    counts.publish(new Error('cannot count'));
    counts.publish(8);
    await heard.until('next 8');
    expect(heard.calls).toEqual(['opened', 'failed cannot count', 'next 8']);
    heard.stop();
  });

  it('is complete when the subgraph has no more events', async () => {
    const heard = subscribe();
    await listening();
    counts.publish(1);
    counts.end();
    await heard.until('complete');
    expect(heard.calls).toEqual(['opened', 'next 1', 'complete']);
    await until('the connection is let go', () => door.connections === 0);
  });

  it.each([
    ['is not valid', 'subscription { uncounted }', /^refused Cannot query field "uncounted"/],
    ['is none that its schema takes', 'subscription { refused }', /^refused not for you/],
  ])('is refused when the operation %s, and lets go of the connection', async (_, query, refusal) => {
    const heard = subscribe({ query, operationName: undefined, variables: undefined });
    await heard.until(refusal);
    expect(heard.calls.at(-1)).toMatch(refusal);
    await until('the connection is let go', () => door.connections === 0);
  });

  it('is lost when the connection breaks, and nothing is called any more', async () => {
    const heard = subscribe();
    await listening();
    counts.publish(1);
    await heard.until('next 1');
    door.cut();
    await heard.until(/^lost /);
    await listening(0);
    heard.stop();
    expect(heard.calls).toEqual(['opened', 'next 1', expect.stringMatching(/^lost ./)]);
  });

  it('is lost when the subgraph cannot be reached, and can be had when it is there again', async () => {
    door.refuse(true);
    const heard = subscribe();
    await heard.until(/^lost /);
    expect(heard.calls).toHaveLength(1);
    door.refuse(false);
    const again = subscribe();
    await listening();
    await again.until('opened');
    again.stop();
  });

  it('is lost when the subgraph takes the connection and says nothing', async () => {
    const taken = new Set<Socket>();
    const silent = createServer((socket) => void taken.add(socket.on('error', () => undefined)));
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as AddressInfo;
    const heard = subscribe({ url: `${scheme}://127.0.0.1:${port}/graphql`, connectionKey: 'silent' });
    await heard.until(/^lost /);
    expect(heard.calls).toHaveLength(1);
    for (const socket of taken) socket.destroy();
    await new Promise((resolve) => silent.close(resolve));
  });

  it('is lost when heartbeats stop, without a connection that breaks', async () => {
    const heard = subscribe();
    await listening();
    counts.publish(1);
    await heard.until('next 1');
    // Two heartbeats of the subgraph at least that are not read together, however long a turn of a busy machine takes.
    for (let turn = 0; turn < 8; turn++) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(heard.calls).toHaveLength(2);
    proxy.freeze();
    await heard.until(/^lost /);
  });

  it('is lost rather than reading a message that is too large', async () => {
    const heard = subscribe();
    await listening();
    counts.publish(new Error('x'.repeat(MAX_MESSAGE_BYTES)));
    await heard.until(/^lost /);
    expect(heard.calls.filter((call) => call.startsWith('failed'))).toEqual([]);
  });

  it('tells the subgraph when it is stopped, and calls nothing any more', async () => {
    const heard = subscribe();
    const other = subscribe({ key: 'two' });
    await listening(2);
    await heard.until('opened');
    heard.stop();
    heard.stop();
    counts.publish(1);
    await other.until('next 1');
    await listening(1);
    expect(heard.calls).toEqual(['opened']);
    other.stop();
    await until('the connection is let go', () => door.connections === 0);
  });

  it('is stopped before it was open, too', async () => {
    const heard = subscribe();
    heard.stop();
    const other = subscribe({ key: 'two' });
    await listening();
    other.stop();
    await listening(0);
    expect(heard.calls).toEqual([]);
  });
}
