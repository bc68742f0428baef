import { createHash } from 'node:crypto';
import type { GatewayConfigInput } from '../../../gateway/config.js';
import { type GatewayTester, startGatewayTester } from '../../support/gatewayTester.js';
import { graphqlSocketClient } from '../../support/graphqlSocketClient.js';
import { createRoomGraph } from '../../support/roomGraph.js';
import { createShelfGraph } from '../../support/shelfGraph.js';
import { streamResults } from '../../support/streamResults.js';
import { until } from '../../support/until.js';

/** What a client that registers its operations sends: the hash alone, or with the text. */
interface Sent {
  readonly query?: string;
  readonly extensions: { readonly persistedQuery: { readonly version: number; readonly sha256Hash: string } };
}
interface Answer {
  readonly data?: unknown;
  readonly code?: unknown;
}
type Ask = (url: string, sent: Sent) => Promise<Answer>;

const PREFLIGHT = { 'apollo-require-preflight': '1' };
const SSE = { accept: 'text/event-stream' };
const MULTIPART = { accept: 'multipart/mixed;subscriptionSpec=1.0' };

const hashOf = (text: string) => createHash('sha256').update(text).digest('hex');
const byHash = (sha256Hash: string, version = 1): Sent => ({
  extensions: { persistedQuery: { version, sha256Hash } },
});
const registering = (query: string, hash = hashOf(query)): Sent => ({ query, ...byHash(hash) });
/** Another one each time: nobody has registered it yet. */
let texts = 0;
const newText = () => `{ book(id: "b1") { title alias${texts++}: title } }`;

/** The result, or of a stream the first. */
async function read(response: Response): Promise<Answer> {
  const text = await response.text();
  const found = JSON.parse(/\{.*\}/.exec(text)?.[0] ?? text) as { payload?: object };
  const { data, errors } = { ...found, ...found.payload } as {
    data?: unknown;
    errors?: { extensions: { code: string } }[];
  };
  return { data, code: errors?.[0]?.extensions.code };
}

const overPost =
  (headers: Record<string, string> = {}): Ask =>
  async (url, sent) =>
    read(
      await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(sent),
      }),
    );
const overGet =
  (headers: Record<string, string> = {}): Ask =>
  async (url, { query, extensions }) => {
    const search = new URLSearchParams({ ...(query && { query }), extensions: JSON.stringify(extensions) });
    return read(await fetch(`${url}?${search}`, { headers: { ...PREFLIGHT, ...headers } }));
  };
const overWebSocket: Ask = async (url, sent) => {
  const client = graphqlSocketClient(url);
  try {
    const stream = streamResults(client, { query: '', ...sent });
    await until('there is an answer', () => stream.results.length > 0 || stream.error !== undefined);
    const [error] = (stream.error ?? []) as { extensions: { code: string } }[];
    return { data: stream.results[0]?.data, code: error?.extensions.code };
  } finally {
    await client.dispose();
  }
};

const TRANSPORTS: readonly (readonly [string, Ask])[] = [
  ['POST', overPost()],
  ['GET', overGet()],
  ['SSE by POST', overPost(SSE)],
  ['SSE by GET', overGet(SSE)],
  ['multipart by POST', overPost(MULTIPART)],
  ['multipart by GET', overGet(MULTIPART)],
  ['a WebSocket', overWebSocket],
];

const start = (persistedOperations: GatewayConfigInput['persistedOperations'] = {}) =>
  startGatewayTester({ subgraphs: createShelfGraph().subgraphs, config: { persistedOperations } });

describe('operations that clients register by their hash', () => {
  let gateway: GatewayTester;
  beforeAll(async () => {
    gateway = await start();
  });
  afterAll(() => gateway[Symbol.asyncDispose]());
  const BOOK = { book: expect.objectContaining({ title: 'Book b1' }) };
  const found = { data: BOOK, code: undefined };
  const unknown = { data: undefined, code: 'PERSISTED_QUERY_NOT_FOUND' };

  describe.each(TRANSPORTS)('over %s', (_name, ask) => {
    it('are unknown at first, run with their text, and from then on without it, over every transport', async () => {
      const text = newText();
      const hash = hashOf(text);
      expect(await ask(gateway.url, byHash(hash))).toEqual(unknown);
      expect(await ask(gateway.url, registering(text))).toEqual(found);
      // Apollo Server registers after it has answered.
      await until('it is registered', async () => (await ask(gateway.url, byHash(hash))).data !== undefined);
      for (const [, other] of TRANSPORTS) expect(await other(gateway.url, byHash(hash))).toEqual(found);
    });

    it('are refused with the hash of another text, and not registered', async () => {
      const text = newText();
      const hash = hashOf(newText());
      const before = gateway.subgraph('books').received.length;
      const refused = { data: undefined, code: 'BAD_REQUEST' };
      expect(await ask(gateway.url, registering(text, hash))).toEqual(refused);
      expect(await ask(gateway.url, { query: text, ...byHash(hashOf(text), 2) })).toEqual(refused);
      expect(await ask(gateway.url, byHash(hash, 2))).toEqual(refused);
      expect(gateway.subgraph('books').received).toHaveLength(before);
      for (const one of [hashOf(text), hash]) expect(await ask(gateway.url, byHash(one))).toEqual(unknown);
    });

    it('are not registered while they are not valid', async () => {
      const text = `{ nothing${texts++} }`;
      const { code } = await ask(gateway.url, registering(text));
      expect(code).toBe('GRAPHQL_VALIDATION_FAILED');
      expect(await ask(gateway.url, byHash(hashOf(text)))).toEqual(unknown);
    });

    it('are not supported where that is switched off: the text alone runs', async () => {
      await using closed = await start({ automatic: { enabled: false } });
      const text = newText();
      const unsupported = { data: undefined, code: 'PERSISTED_QUERY_NOT_SUPPORTED' };
      expect(await ask(closed.url, byHash(hashOf(text)))).toEqual(unsupported);
      expect(await ask(closed.url, registering(text))).toEqual(found);
      expect(await ask(closed.url, byHash(hashOf(text)))).toEqual(unsupported);
    });
  });

  it('may be subscriptions', async () => {
    const rooms = createRoomGraph();
    await using streaming = await startGatewayTester({ subgraphs: rooms.subgraphs });
    const text = 'subscription { roomChanged { id } }';
    expect(await overWebSocket(streaming.url, byHash(hashOf(text)))).toEqual(unknown);
    for (const sent of [registering(text), byHash(hashOf(text))]) {
      for (const ask of [overWebSocket, overPost(SSE), overPost(MULTIPART)]) {
        const answer = ask(streaming.url, sent);
        await until('it is subscribed', () => rooms.changes.listeners === 1);
        rooms.changes.publish({ id: 'r1', temperature: 20 });
        rooms.changes.end();
        expect(await answer).toEqual({ data: { roomChanged: { id: 'r1' } }, code: undefined });
        await until('nobody is subscribed', () => rooms.changes.listeners === 0);
      }
    }
  });
});
