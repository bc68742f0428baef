import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttp2Server } from 'node:http2';
import type { AddressInfo, Server } from 'node:net';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import type { SubgraphRequest } from '../execution/types.js';
import { createSubgraphClient, type SubgraphClient } from './subgraphClient.js';

const CONFIG = {
  urls: ['http://unused'] as [string],
  retry: { attempts: 0, backoffMs: 0, maxBackoffMs: 0, budget: 0 },
  breaker: { failures: 0, openMs: 1, maxOpenMs: 1 },
  hedgeAfterMs: undefined,
  timeoutMs: 10_000,
  connections: 1,
  maxResponseBytes: 2_000,
  http2: false,
  compression: false,
};
const REQUEST: SubgraphRequest = {
  subgraph: 's',
  query: '{a(t:"x")}',
  operationName: 'A',
  operationKind: 'query',
  variables: { v: 1 },
  fetchId: 0,
  signal: undefined,
};
const ANSWER = { data: { a: 'é'.repeat(100) } };

const running: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((close) => close()));
});

async function clientOf(server: Server, config: Partial<typeof CONFIG> = {}): Promise<SubgraphClient> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const client = createSubgraphClient('s', `http://127.0.0.1:${port}/graphql`, { ...CONFIG, ...config });
  running.push(async () => {
    await client.close();
    await new Promise((resolve) => server.close(resolve));
  });
  return client;
}

function answering(bytes: Buffer, headers: Record<string, string> = {}) {
  return createHttpServer((request, response) => {
    request.resume();
    response.writeHead(200, { connection: 'close', ...headers });
    response.end(bytes);
  });
}

describe('a client of a subgraph', () => {
  it('sends the document, the name and the variables as JSON', async () => {
    const bodies: unknown[] = [];
    const handler = (request: IncomingMessage, response: ServerResponse) => {
      let text = '';
      request.on('data', (chunk) => {
        text += chunk;
      });
      request.on('end', () => {
        bodies.push(JSON.parse(text));
        response.end(JSON.stringify(ANSWER));
      });
    };
    const client = await clientOf(createHttpServer(handler));
    await client.fetch(REQUEST, { headers: {} });
    await client.fetch({ ...REQUEST, operationName: undefined, variables: undefined }, { headers: {} });
    expect(bodies).toEqual([
      { query: REQUEST.query, operationName: 'A', variables: { v: 1 } },
      { query: REQUEST.query },
    ]);
  });

  it('hears of no errors where the answer says `null`, and of nothing that GraphQL does not know', async () => {
    const answer = { data: { a: 1 }, errors: null, http: { status: 500 }, more: true };
    const client = await clientOf(answering(Buffer.from(JSON.stringify(answer))));
    expect(await client.fetch(REQUEST, { headers: {} })).toEqual({
      data: { a: 1 },
      http: expect.objectContaining({ status: 200 }),
    });
  });

  it.each([
    ['gzip', gzipSync],
    ['br', brotliCompressSync],
  ])('asks for compressed answers and reads %s, where it is told to', async (encoding, compress) => {
    let accepted: string | undefined;
    const server = answering(compress(JSON.stringify(ANSWER)), { 'content-encoding': encoding });
    server.on('request', (request: IncomingMessage) => {
      accepted = request.headers['accept-encoding'] as string | undefined;
    });
    const client = await clientOf(server, { compression: true });
    expect(await client.fetch(REQUEST, { headers: {} })).toMatchObject(ANSWER);
    expect(accepted).toBe('gzip, br');
  });

  it.each([
    ['more bytes than allowed', { data: { a: 'x'.repeat(3_000) } }, undefined, undefined],
    ['few bytes that stand for more than allowed', { data: { a: 'x'.repeat(1_000_000) } }, 'gzip', undefined],
    ['bytes that are not what their encoding says', ANSWER, 'br', 200],
    ['an encoding that nobody knows', ANSWER, 'zstd-2', 200],
  ])('refuses %s', async (_what, value, encoding, httpStatus) => {
    const text = Buffer.from(JSON.stringify(value));
    const bytes = encoding === 'gzip' ? gzipSync(text) : text;
    const client = await clientOf(
      answering(bytes, encoding === undefined ? {} : { 'content-encoding': encoding }),
    );
    // One that is only too large is none by which its address is broken.
    await expect(client.fetch(REQUEST, { headers: {} })).rejects.toMatchObject({
      code: 'SUBGRAPH_BAD_RESPONSE',
      httpStatus,
    });
  });

  it('does not take the subgraph to be down for what cannot be sent, nor for what cannot be written', async () => {
    const client = await clientOf(createHttpServer((_request, response) => response.end('{"data":{}}')));
    await client.fetch(REQUEST, { headers: {} });
    const unsendable = client.fetch(REQUEST, { headers: { 'x-tenant': 'a\nb' } });
    await expect(unsendable).rejects.toMatchObject({ message: expect.stringContaining('x-tenant') });
    const deep: unknown = JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`);
    const unwritable = client.fetch({ ...REQUEST, variables: { deep } }, { headers: {} });
    await expect(unwritable).rejects.toMatchObject({ name: 'RangeError' });
    expect(client.state).toBe('up');
  });

  it('gives up a request that stands in line when nobody waits any more', async () => {
    const server = createHttpServer((request) => request.resume());
    const client = await clientOf(server, { connections: 1 });
    const gone = new AbortController();
    const first = client.fetch({ ...REQUEST, signal: gone.signal }, { headers: {} });
    const second = client.fetch({ ...REQUEST, signal: gone.signal }, { headers: {} });
    gone.abort(new Error('gone'));
    await expect(first).rejects.toThrow('gone');
    await expect(second).rejects.toThrow('gone');
  });

  it('speaks HTTP/2 without TLS, several requests on one connection at a time', async () => {
    const server = createHttp2Server();
    let sessions = 0;
    server.on('session', () => {
      sessions++;
    });
    const waiting: (() => void)[] = [];
    server.on('stream', (stream) => {
      stream.resume();
      waiting.push(() => {
        stream.respond({ ':status': 200, 'content-type': 'application/json' });
        stream.end(JSON.stringify(ANSWER));
      });
      // Both are there before one is answered.
      if (waiting.length === 2) for (const answer of waiting) answer();
    });
    const client = await clientOf(server as unknown as Server, { http2: true });
    const both = [client.fetch(REQUEST, { headers: {} }), client.fetch(REQUEST, { headers: {} })];
    expect(await Promise.all(both)).toMatchObject([ANSWER, ANSWER]);
    expect(sessions).toBe(1);
  });
});
