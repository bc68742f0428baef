import { type CryptoKey, generateKeyPair } from 'jose';
import type { TestIssuer } from '../../support/testIssuer.js';

/** One request that nobody who means well sends, and what it has to get. */
export interface HostileRequest {
  readonly class: string;
  readonly name: string;
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** @default none for GET */
  readonly body?: string | Buffer;
  readonly status: number;
  /** `extensions.code` of the first error; `undefined` where HTTP itself refuses. */
  readonly code?: string;
}

type Expected = Pick<HostileRequest, 'status' | 'code'>;
const refused = (status: number, code: string): Expected => ({ status, code });
const tooLarge = refused(400, 'OPERATION_LIMIT_EXCEEDED');
const bad = refused(400, 'BAD_REQUEST');
const unparsable = refused(400, 'GRAPHQL_PARSE_FAILED');
const invalid = refused(400, 'GRAPHQL_VALIDATION_FAILED');

const JSON_TYPE = { 'content-type': 'application/json' };
const json = (value: unknown): Pick<HostileRequest, 'headers' | 'body'> => ({
  headers: JSON_TYPE,
  body: JSON.stringify(value),
});
const raw = (body: string | Buffer, headers: Record<string, string> = {}) => ({
  headers: { ...JSON_TYPE, ...headers },
  body,
});
const list = (count: number, make: (index: number) => string) =>
  Array.from({ length: count }, (_, i) => make(i)).join(' ');

function of(
  name: string,
  rows: readonly (readonly [string, Partial<HostileRequest>, Expected])[],
): HostileRequest[] {
  return rows.map(([what, request, expected]) => ({ class: name, name: what, ...request, ...expected }));
}

const bomb = `{ item(id: "1") { ...F15 } } ${list(16, (level) => {
  const below = level === 0 ? 'id' : `...F${level - 1} related { ...F${level - 1} }`;
  return `fragment F${level} on Item { ${below} }`;
})}`;

/** All but those with tokens. */
export const HOSTILE_REQUESTS: readonly HostileRequest[] = [
  ...of('nesting', [
    [
      'deep selections',
      json({ query: `{ item(id: "1") ${'{ related '.repeat(40)}{ id }${' }'.repeat(40)} }` }),
      tooLarge,
    ],
    ['selections deeper than the stack', json({ query: '{a'.repeat(7_000) }), tooLarge],
    [
      'closed selections deeper than the stack',
      json({ query: '{a'.repeat(4_900) + '}'.repeat(4_900) }),
      tooLarge,
    ],
    ['lists deeper than the stack', json({ query: `{ item(id: ${'['.repeat(10_000)}) { id } }` }), tooLarge],
    [
      'lists in lists, for which the planner would take twice as long with each',
      json({ query: `{ any(value: ${'['.repeat(40)}${']'.repeat(40)}) }` }),
      tooLarge,
    ],
    [
      'variables deeper than any type',
      raw(`{"query":"{ version }","variables":{"a":${'['.repeat(5_000)}${']'.repeat(5_000)}}}`),
      tooLarge,
    ],
    [
      'inline fragments inside of each other',
      json({ query: `{ ${'... { '.repeat(4_000)} version ${'}'.repeat(4_000)} }` }),
      refused(400, 'OPERATION_LIMIT_EXCEEDED'),
    ],
  ]),
  ...of('amplification', [
    ['fragments that double', json({ query: bomb }), tooLarge],
    ['a thousand aliases', json({ query: `{ ${list(1_000, (i) => `a${i}: version`)} }` }), tooLarge],
    [
      'aliases below the root',
      json({ query: `{ item(id: "1") { ${list(300, (i) => `a${i}: id`)} } }` }),
      tooLarge,
    ],
    ['many fields at the root', json({ query: `{ ${list(60, (i) => `a${i}: version`)} }` }), tooLarge],
    [
      'lists of lists by cost',
      json({ query: `{ items(first: 1000) { related { related { related { related { id } } } } } }` }),
      refused(400, 'COST_LIMIT_EXCEEDED'),
    ],
    [
      'a slice that nobody can afford',
      json({ query: '{ items(first: 2000000000) { id } }' }),
      refused(400, 'COST_LIMIT_EXCEEDED'),
    ],
    [
      'the same slice in a variable',
      json({ query: 'query($n: Int) { items(first: $n) { id } }', variables: { n: 2_000_000_000 } }),
      refused(400, 'COST_LIMIT_EXCEEDED'),
    ],
    ['directives on a field', json({ query: `{ version ${'@include(if: true) '.repeat(300)} }` }), tooLarge],
    ['directives that nobody knows', json({ query: `{ version ${list(150, (i) => `@x${i}`)} }` }), invalid],
  ]),
  ...of('size', [
    [
      'a body beyond the limit',
      json({ query: '{ version }', padding: 'x'.repeat(70_000) }),
      refused(413, 'REQUEST_TOO_LARGE'),
    ],
    [
      'a body that announces gigabytes',
      { ...raw('{}'), headers: { ...JSON_TYPE, 'content-length': '9999999999' } },
      refused(413, 'REQUEST_TOO_LARGE'),
    ],
    ['many tokens', json({ query: `{ ${'version '.repeat(6_000)} }` }), tooLarge],
    [
      'a long list in the variables',
      json({ query: '{ version }', variables: { a: Array.from({ length: 2_000 }, () => 1) } }),
      tooLarge,
    ],
    ['a long list in the document', json({ query: `{ many(ids: [${'"a",'.repeat(1_500)}]) }` }), tooLarge],
    ['an endless URL', { path: `?query={version}&x=${'x'.repeat(20_000)}` }, { status: 431 }],
    [
      'endless headers',
      { path: '?query={version}', headers: { 'x-a': 'x'.repeat(20_000) } },
      { status: 431 },
    ],
  ]),
  ...of('batches', [
    [
      'two operations',
      json([{ query: '{ version }' }, { query: '{ version }' }]),
      refused(400, 'BATCHING_NOT_SUPPORTED'),
    ],
    ['none', json([]), refused(400, 'BATCHING_NOT_SUPPORTED')],
    [
      'a thousand',
      json(Array.from({ length: 1_000 }, () => ({ query: '{ version }' }))),
      refused(400, 'BATCHING_NOT_SUPPORTED'),
    ],
  ]),
  ...of('malformed JSON', [
    ['half an object', raw('{"query":"{ version }"'), bad],
    ['no JSON', raw('query { version }'), bad],
    ['null', raw('null'), bad],
    ['a number', raw('5'), bad],
    ['nothing', raw(''), bad],
    ['bytes', raw(Buffer.from([0, 255, 254, 1, 2])), bad],
    ['a query that is an object', raw('{"query":{"kind":"Document"}}'), bad],
    ['variables that are a list', raw('{"query":"{ version }","variables":[1]}'), bad],
    ['a prototype', raw('{"__proto__":{"query":"{ version }"}}'), bad],
  ]),
  ...of('malformed GraphQL', [
    ['an open brace', json({ query: '{ version' }), unparsable],
    ['a null byte', json({ query: '{ \u0000version }' }), unparsable],
    ['an open string', json({ query: '{ item(id: "1) { id } }' }), unparsable],
    ['a schema', json({ query: 'type Query { a: Int }' }), invalid],
    [
      'fragments that spread themselves',
      json({ query: '{ item(id: "1") { ...A } } fragment A on Item { ...B } fragment B on Item { ...A }' }),
      invalid,
    ],
    ['a fragment that nobody uses', json({ query: '{ version } fragment A on Item { id }' }), invalid],
    ['a field that is not there', json({ query: '{ passwords }' }), invalid],
    ['two operations without a name', json({ query: '{ version } { version }' }), invalid],
    [
      'an operation that is not there',
      json({ query: 'query A { version }', operationName: 'B' }),
      refused(400, 'OPERATION_RESOLUTION_FAILURE'),
    ],
    ['__proto__ as a variable', json({ query: 'query($__proto__: Int) { version }' }), invalid],
    [
      'a subscription whose only field a variable may skip',
      json({ query: 'subscription($a: Boolean!) { ticks @skip(if: $a) }', variables: { a: true } }),
      invalid,
    ],
    [
      'the same by GET, without a value',
      {
        path: `?query=${encodeURIComponent('subscription($a: Boolean!) { ticks @include(if: $a) }')}`,
        headers: { 'apollo-require-preflight': '1' },
      },
      invalid,
    ],
    ['a condition that is none', json({ query: 'subscription { ticks @skip(if: "yes") }' }), invalid],
  ]),
  ...of('looking around', [
    ['the schema', json({ query: '{ __schema { types { name } } }' }), invalid],
    ['one type', json({ query: '{ __type(name: "Item") { name } }' }), invalid],
    ['the SDL of a subgraph', json({ query: '{ _service { sdl } }' }), invalid],
    [
      'entities past the gateway',
      json({ query: '{ _entities(representations: []) { __typename } }' }),
      invalid,
    ],
  ]),
  ...of('forged requests of a browser', [
    [
      'a form',
      { headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'query={version}' },
      bad,
    ],
    ['plain text', { headers: { 'content-type': 'text/plain' }, body: '{"query":"{ version }"}' }, bad],
    [
      'a multipart form',
      { headers: { 'content-type': 'multipart/form-data; boundary=x' }, body: '--x--' },
      bad,
    ],
    [
      'plain text that mentions JSON',
      { headers: { 'content-type': 'text/plain; json' }, body: '{"query":"mutation { add }"}' },
      bad,
    ],
    [
      'the same, asking for a stream',
      {
        headers: { 'content-type': 'text/plain; json', accept: 'text/event-stream' },
        body: '{"query":"mutation { add }"}',
      },
      bad,
    ],
    ['a link', { path: '?query={version}' }, bad],
    ['an image with a mutation', { path: '?query=mutation{add}' }, bad],
    [
      'a mutation by GET',
      { path: '?query=mutation{add}', headers: { 'apollo-require-preflight': '1' } },
      refused(405, 'BAD_REQUEST'),
    ],
  ]),
  ...of('methods', [
    ['PUT', { method: 'PUT', ...json({ query: '{ version }' }) }, refused(405, 'BAD_REQUEST')],
    [
      'DELETE',
      { method: 'DELETE', headers: { 'apollo-require-preflight': '1' } },
      refused(405, 'BAD_REQUEST'),
    ],
    [
      'a made-up one',
      { method: 'PROPFIND', headers: { 'apollo-require-preflight': '1' } },
      refused(405, 'BAD_REQUEST'),
    ],
  ]),
  ...of('encodings', [
    ['a compression bomb', raw(Buffer.alloc(1_000, 31), { 'content-encoding': 'gzip' }), bad],
    ['brotli', raw(Buffer.alloc(1_000, 27), { 'content-encoding': 'br' }), bad],
    ['an unknown one', raw('{"query":', { 'content-encoding': 'x-bomb' }), bad],
  ]),
  ...of('persisted operations', [
    [
      'an unknown hash',
      json({ extensions: { persistedQuery: { version: 1, sha256Hash: 'a'.repeat(64) } } }),
      refused(200, 'PERSISTED_QUERY_NOT_FOUND'),
    ],
    [
      'the hash of something else',
      json({
        query: '{ version }',
        extensions: { persistedQuery: { version: 1, sha256Hash: 'a'.repeat(64) } },
      }),
      bad,
    ],
    ['an unknown version', json({ extensions: { persistedQuery: { version: 9, sha256Hash: 'a' } } }), bad],
  ]),
  ...of('wrong ways', [
    ['a path that climbs', { path: '/../../etc/passwd' }, refused(404, 'BAD_REQUEST')],
    ['the listener for operators', { path: '/metrics' }, refused(404, 'BAD_REQUEST')],
    ['a purge', { method: 'POST', path: '/purge', ...json({ tags: ['a'] }) }, refused(404, 'BAD_REQUEST')],
  ]),
];

/** Those that need keys. */
export async function hostileTokens(issuer: TestIssuer): Promise<readonly HostileRequest[]> {
  const { privateKey } = await generateKeyPair('ES256');
  const stolen = privateKey as CryptoKey;
  const tokens: [string, string][] = [
    ['an expired token', `Bearer ${await issuer.token('ada', { expiresIn: -3_600 })}`],
    ['a token of another issuer', `Bearer ${await issuer.token('ada', { issuer: 'https://evil.test/' })}`],
    [
      'a token for another audience',
      `Bearer ${await issuer.token('ada', { audience: 'https://bank.test' })}`,
    ],
    ['a token with a key of its own', `Bearer ${await issuer.token('ada', { key: stolen })}`],
    ['a token with an invented key', `Bearer ${await issuer.token('ada', { kid: 'invented' })}`],
    ['no token at all', 'Bearer '],
    ['a password', 'Basic YWRhOmFkYQ=='],
  ];
  return tokens.map(([name, authorization]) => ({
    class: 'tokens',
    name,
    headers: { ...JSON_TYPE, authorization },
    body: JSON.stringify({ query: '{ version }' }),
    ...refused(401, 'INVALID_TOKEN'),
  }));
}
