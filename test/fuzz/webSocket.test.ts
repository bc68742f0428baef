import fc from 'fast-check';
import { WebSocket } from 'ws';
import { CLOSE_CODES } from '../../gateway/streaming/closeCodes.js';
import { isKnownCode } from '../../platform/errors.js';
import { fuzzed } from '../support/fuzz.js';
import { type GatewayTester, startGatewayTester } from '../support/gatewayTester.js';
import { recordingLogger } from '../support/recordingLogger.js';

/** What `ws` itself closes with: broken frames, text that is no UTF-8, messages that are too large. */
const FRAME_CODES = [1002, 1007, 1009];
const KNOWN_CODES = [...Object.values(CLOSE_CODES).map(({ code }) => code as number), ...FRAME_CODES];

type Sent = string | Buffer;

interface Heard {
  readonly messages: readonly string[];
  /** With which the server closed; `undefined` when it still answered at the end. */
  readonly closedWith: number | undefined;
}

/** Sends everything, then a ping of the protocol: after it has been answered, or the socket closed, all is said. */
function converse(url: string, sent: readonly Sent[]): Promise<Heard> {
  const last = { type: 'ping', payload: { isLast: true } };
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url.replace(/^http/, 'ws'), ['graphql-transport-ws']);
    const messages: string[] = [];
    const hangs = setTimeout(() => reject(new Error('neither answered nor closed')), 60_000);
    const finish = (closedWith: number | undefined) => {
      clearTimeout(hangs);
      socket.terminate();
      resolve({ messages, closedWith });
    };
    socket.on('open', () => {
      for (const message of sent) socket.send(message);
      socket.send(JSON.stringify(last));
    });
    socket.on('message', (data) => {
      const text = String(data);
      messages.push(text);
      const { type, payload } = JSON.parse(text) as { type: string; payload?: { isLast?: boolean } };
      if (type === 'pong' && payload?.isLast === true) finish(undefined);
    });
    socket.on('error', reject);
    socket.on('close', (code) => finish(code));
  });
}

const id = fc.oneof(fc.constantFrom('1', '2', '__proto__', ''), fc.jsonValue({ maxDepth: 1 }));
const operation = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom({ query: '{ hello }' }, { query: 'subscription { ticks }' }) },
  fc.record(
    {
      query: fc.oneof(
        fc.constantFrom(
          '{ hello',
          '',
          '{ nothing }',
          'subscription { ticks }',
          'mutation { say }',
          '{ __schema { types { name } } }',
        ),
        fc.jsonValue({ maxDepth: 1 }),
      ),
      variables: fc.jsonValue({ maxDepth: 2 }),
      operationName: fc.jsonValue({ maxDepth: 1 }),
      extensions: fc.jsonValue({ maxDepth: 2 }),
    },
    { requiredKeys: [] },
  ),
  fc.jsonValue({ maxDepth: 2 }),
);
const type = fc.constantFrom(
  'connection_init',
  'connection_ack',
  'ping',
  'pong',
  'subscribe',
  'next',
  'error',
  'complete',
);
const message = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ id, type: fc.constantFrom('subscribe', 'complete'), payload: operation }),
  },
  fc.record({ type: fc.constant('ping') }),
  fc.record(
    { id, type: fc.oneof(type, fc.jsonValue({ maxDepth: 0 })), payload: fc.jsonValue({ maxDepth: 2 }) },
    { requiredKeys: [] },
  ),
);
const anything: fc.Arbitrary<Sent> = fc.oneof(
  { weight: 8, arbitrary: message.map((value) => JSON.stringify(value)) },
  fc.tuple(message, fc.nat({ max: 30 })).map(([value, at]) => JSON.stringify(value).slice(0, at)),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes)),
);

describe('the WebSocket protocol of a gateway with production defaults', () => {
  const { logger, lines } = recordingLogger();
  let gateway: GatewayTester;
  beforeAll(async () => {
    gateway = await startGatewayTester({
      subgraphs: [
        {
          name: 'greeter',
          typeDefs:
            'type Query { hello: String } type Mutation { say: Int } type Subscription { ticks: Int }',
          resolvers: { Query: { hello: () => 'hi' }, Mutation: { say: () => 1 } },
        },
      ],
      config: { introspection: false, streaming: { maxConnections: 10_000 } },
      logger,
    });
  });
  afterAll(() => gateway[Symbol.asyncDispose]());
  afterEach(async () => {
    expect(await gateway.query('{ hello }')).toMatchObject({ data: { hello: 'hi' } });
    expect(lines.filter(({ level }) => (level as number) >= 50)).toEqual([]);
  });

  it('answers, or closes with a code of its table, whatever is said in whatever order', async () => {
    const greeting = fc.oneof(
      { weight: 4, arbitrary: fc.constant([JSON.stringify({ type: 'connection_init' })]) },
      fc.constant([]),
    );
    await fc.assert(
      fc.asyncProperty(greeting, fc.array(anything, { maxLength: 6 }), async (first, rest) => {
        const { messages, closedWith } = await converse(gateway.url, [...first, ...rest]);
        if (closedWith !== undefined) {
          expect(KNOWN_CODES).toContain(closedWith);
          expect(closedWith).not.toBe(CLOSE_CODES.internalError.code);
        }
        for (const text of messages) expectKnown(JSON.parse(text));
      }),
      fuzzed(250),
    );
  });
});

/** One that servers send, with errors that have a code of our table. */
function expectKnown(message: { readonly type: string; readonly payload?: unknown }): void {
  expect(['connection_ack', 'ping', 'pong', 'next', 'error', 'complete']).toContain(message.type);
  const errors =
    message.type === 'error'
      ? message.payload
      : message.type === 'next'
        ? (message.payload as { errors?: unknown }).errors
        : undefined;
  const codes = ((errors ?? []) as { extensions?: { code?: unknown } }[]).map(
    ({ extensions }) => extensions?.code,
  );
  expect(codes.filter((code) => !isKnownCode(code) || code === 'INTERNAL_SERVER_ERROR')).toEqual([]);
}
