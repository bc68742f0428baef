import { connect } from 'node:net';
import fc from 'fast-check';
import { isKnownCode } from '../../platform/errors.js';
import { fuzzed } from '../support/fuzz.js';
import { type GatewayTester, startGatewayTester } from '../support/gatewayTester.js';
import { recordingLogger } from '../support/recordingLogger.js';

/** Far longer than any answer here takes, and shorter than the timeouts of the server: what hangs is red. */
const HANG_MS = 8_000;

interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/**
 * Everything that came until the server closed; `undefined` when that was nothing. Rejects when it does not close.
 *
 * @param goes whether nothing more is to come after what is sent, and the server is told so
 */
function exchange(port: number, sent: Buffer, goes: boolean): Promise<Answer | undefined> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    const chunks: Buffer[] = [];
    socket.setTimeout(HANG_MS, () => socket.destroy(new Error(`no answer within ${HANG_MS} ms`)));
    socket.on('data', (chunk) => void chunks.push(chunk));
    socket.on('error', (error) =>
      (error as NodeJS.ErrnoException).code === undefined ? reject(error) : undefined,
    );
    socket.on('close', () => resolve(parsed(Buffer.concat(chunks).toString())));
    if (goes) socket.end(sent);
    else socket.write(sent);
  });
}

function parsed(text: string): Answer | undefined {
  const status = /^HTTP\/1\.1 (\d{3}) /.exec(text)?.[1];
  if (status === undefined) return undefined;
  const end = text.indexOf('\r\n\r\n');
  const contentType = /^content-type: *(.*)$/im.exec(text.slice(0, end))?.[1]?.trim() ?? '';
  return { status: Number(status), contentType, body: text.slice(end + 4) };
}

const queries = [
  '{ hello }',
  '{ hello(name: "x") }',
  'mutation { say(what: "y") }',
  '{ nothing }',
  '{ hello',
  '',
  '{__typename}',
];
const word = fc.oneof(
  fc.constantFrom(...queries, 'query', 'variables', '%', '%00', '{}', '[]', 'null', '{"name":1}'),
  fc.string({ maxLength: 10 }),
);
const operation = fc.record(
  {
    query: fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...queries) }, fc.jsonValue({ maxDepth: 2 })),
    variables: fc.oneof(
      fc.dictionary(word, fc.jsonValue({ maxDepth: 2 }), { maxKeys: 2 }),
      fc.jsonValue({ maxDepth: 2 }),
    ),
    operationName: fc.oneof(fc.constant(null), fc.jsonValue({ maxDepth: 1 })),
    extensions: fc.oneof(
      fc.constant({ persistedQuery: { version: 1, sha256Hash: 'x' } }),
      fc.jsonValue({ maxDepth: 2 }),
    ),
  },
  { requiredKeys: [] },
);
const json = fc
  .oneof(operation, fc.array(operation, { maxLength: 2 }), fc.jsonValue())
  .map((value) => JSON.stringify(value));
const cutJson = fc.tuple(json, fc.nat()).map(([text, at]) => text.slice(0, at % (text.length + 1)));
const body = fc.oneof(
  { weight: 4, arbitrary: json.map((text) => Buffer.from(text)) },
  cutJson.map((text) => Buffer.from(text)),
  fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
);
const method = fc.oneof(
  { weight: 4, arbitrary: fc.constant('POST') },
  fc.constantFrom('GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'TRACE', 'PROPFIND', 'QUERY'),
);
const target = fc.oneof(
  { weight: 4, arbitrary: fc.constant('/graphql') },
  fc
    .array(fc.tuple(fc.constantFrom('query', 'variables', 'extensions', 'operationName', 'x'), word), {
      maxLength: 3,
    })
    .map(
      (pairs) => `/graphql?${pairs.map(([key, value]) => `${key}=${encodeURIComponent(value)}`).join('&')}`,
    ),
  fc.stringMatching(/^\/graphql\?[%&=\w{}"]{0,12}$/),
  fc.stringMatching(/^\/[%\w./?-]{0,12}$/),
);
const headerValue = fc.oneof(
  fc.constantFrom(
    'application/json',
    'application/json; charset=utf-16',
    'application/graphql',
    'text/plain',
    '*/*',
  ),
  fc.constantFrom(
    'text/event-stream',
    'multipart/mixed',
    'application/graphql-response+json',
    'gzip',
    'identity;q=0',
  ),
  fc.constantFrom('true', 'no-cache', 'max-age=-1', 'Bearer x', '"etag"', '*', 'http://evil.example'),
  fc.stringMatching(/^[!-~\x80-\xff]([ -~\x80-\xff]{0,10}[!-~\x80-\xff])?$/),
);
const headers = fc.array(
  fc.tuple(
    fc.oneof(
      fc.constantFrom(
        'accept',
        'content-encoding',
        'authorization',
        'cache-control',
        'if-none-match',
        'origin',
        'pragma',
      ),
      fc.constantFrom(
        'apollo-require-preflight',
        'headgate-consistency',
        'headgate-cache-explain',
        'headgate-identity',
      ),
      fc.constantFrom(
        'x-request-id',
        'accept-encoding',
        'traceparent',
        '__proto__',
        'constructor',
        'cookie',
        'range',
      ),
      fc.stringMatching(/^x-[a-z]{1,5}$/),
    ),
    headerValue,
  ),
  { maxLength: 5 },
);

const ANSWERS =
  /^(application\/json|application\/graphql-response\+json|text\/event-stream|multipart\/mixed|text\/html)\b/;

function check(answer: Answer, isHead: boolean): void {
  expect([500, 501, 502, 504]).not.toContain(answer.status);
  if (isHead || answer.status === 204 || answer.status === 304) return;
  expect(answer.contentType).toMatch(ANSWERS);
  if (!answer.contentType.includes('json')) return;
  const { data, errors = [] } = JSON.parse(answer.body) as {
    data?: unknown;
    errors?: { extensions?: { code?: unknown } }[];
  };
  expect(data !== undefined || errors.length > 0).toBe(true);
  expect(errors.map(({ extensions }) => extensions?.code).filter((code) => !isKnownCode(code))).toEqual([]);
}

describe('the HTTP edge of a gateway with production defaults', () => {
  const { logger, lines } = recordingLogger();
  let gateway: GatewayTester;
  let port: number;
  beforeAll(async () => {
    gateway = await startGatewayTester({
      subgraphs: [
        {
          name: 'greeter',
          typeDefs: 'type Query { hello(name: String): String } type Mutation { say(what: String!): String }',
          resolvers: {
            Query: { hello: () => 'hi' },
            Mutation: { say: (_: unknown, { what }: { what: string }) => what },
          },
        },
      ],
      config: { introspection: false },
      logger,
    });
    port = Number(new URL(gateway.url).port);
  });
  afterAll(() => gateway[Symbol.asyncDispose]());
  afterEach(async () => {
    expect(await gateway.query('{ hello }')).toMatchObject({ status: 200, data: { hello: 'hi' } });
    expect(lines.filter(({ level }) => (level as number) >= 50)).toEqual([]);
  });

  it('answers every whole request, in a known form with known codes, and never as if it were its own fault', async () => {
    const type = fc.oneof({ weight: 4, arbitrary: fc.constant('application/json') }, headerValue);
    const isChunked = fc.boolean();
    await fc.assert(
      fc.asyncProperty(
        method,
        target,
        type,
        headers,
        body,
        isChunked,
        async (verb, path, contentType, more, content, chunked) => {
          const framing = chunked ? 'transfer-encoding: chunked' : `content-length: ${content.length}`;
          const fields = [['content-type', contentType], ...more].map(([name, value]) => `${name}: ${value}`);
          const head = [
            `${verb} ${path} HTTP/1.1`,
            'host: x',
            'connection: close',
            framing,
            ...fields,
            '',
            '',
          ].join('\r\n');
          const answer = await exchange(
            port,
            Buffer.concat([Buffer.from(head, 'latin1'), chunked ? inChunks(content) : content]),
            false,
          );
          if (answer === undefined) throw new Error('the connection was closed without an answer');
          check(answer, verb === 'HEAD');
        },
      ),
      fuzzed(300),
    );
  });

  it('takes no harm from what is no HTTP, or not whole: an answer or the end of the connection', async () => {
    const noise = fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes));
    const start = fc.constantFrom(
      'POST /graphql HTTP/1.1\r\n',
      'POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 30\r\n\r\n{"query":',
      'POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n5\r\n',
      'GET /graphql HTTP/1.1\r\nhost: x\r\nupgrade: websocket\r\nconnection: upgrade\r\n',
      'GET http://[ HTTP/1.1\r\nhost: x\r\n\r\n',
      'CONNECT x:1 HTTP/1.1\r\nhost: x\r\n\r\n',
      '',
    );
    await fc.assert(
      fc.asyncProperty(start, noise, async (beginning, rest) => {
        const answer = await exchange(port, Buffer.concat([Buffer.from(beginning), rest]), true);
        expect([200, 400, 404, 405, 408, 413, 415, 426, 431, undefined]).toContain(answer?.status);
      }),
      fuzzed(200),
    );
  });
});

/** Of three bytes each, the last one of none. */
function inChunks(content: Buffer): Buffer {
  const chunks: Buffer[] = [];
  for (let at = 0; at < content.length; at += 3) {
    const chunk = content.subarray(at, at + 3);
    chunks.push(Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from('\r\n'));
  }
  return Buffer.concat([...chunks, Buffer.from('0\r\n\r\n')]);
}
