import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ApolloClient, gql, HttpLink, InMemoryCache } from '@apollo/client';
import { Defer20220824Handler } from '@apollo/client/incremental';
import {
  askForParts,
  type DeferredMessage,
  mergeParts,
  partsOf,
  TAKES_PARTS,
} from '../../support/deferredParts.js';
import { federationLink } from '../../support/federationLink.js';
import { type GatewayTester, startGatewayTester } from '../../support/gatewayTester.js';
import type { TestSubgraphContext } from '../../support/testSubgraph.js';
import { until } from '../../support/until.js';

const PEOPLE = [
  { id: '1', name: 'Ada', __typename: 'Author' },
  { id: '2', name: 'Ben', __typename: 'Reader' },
  { id: '3', name: 'Cy', __typename: 'Author' },
];
const friendOf = ({ id }: { id: string }) => PEOPLE[Number(id) % PEOPLE.length];

/** People whose reviews come from another subgraph, which can be held. */
function createGraph() {
  let open: () => void = () => undefined;
  let gate = Promise.resolve();
  const reference = ({ id }: { id: string }) => ({ id });
  const reviewed = {
    text({ id }: { id: string }, _args: unknown, { setHeader }: TestSubgraphContext) {
      setHeader('cache-control', 'public, max-age=60');
      return `text of ${id}`;
    },
    rating: () => {
      throw new Error('connection to 10.0.0.1 refused');
    },
    reviews: ({ id }: { id: string }) => (id === '2' ? [] : [{ text: `by ${id}`, author: { id: '1' } }]),
  };
  const subgraphs = [
    {
      name: 'people',
      typeDefs: `${federationLink('@key', '@shareable')}
        type Query { me: Author people: [Person!]! authors: [Author!]! nobody: Author }
        type Mutation { rename: Author }
        interface Person { id: ID! name: String friend: Person }
        type Author implements Person @key(fields: "id") { id: ID! name: String friend: Person }
        type Reader implements Person @key(fields: "id") { id: ID! name: String friend: Person }`,
      resolvers: {
        Query: {
          me: () => PEOPLE[0],
          people: () => PEOPLE,
          authors: () => PEOPLE.filter(({ __typename }) => __typename === 'Author'),
        },
        Mutation: { rename: () => PEOPLE[0] },
        Author: { __resolveReference: ({ id }: { id: string }) => PEOPLE[Number(id) - 1], friend: friendOf },
        Reader: { __resolveReference: ({ id }: { id: string }) => PEOPLE[Number(id) - 1], friend: friendOf },
      },
    },
    {
      name: 'reviews',
      typeDefs: `${federationLink('@key', '@shareable')}
        type Author @key(fields: "id") { id: ID! text: String! rating: Int! reviews: [Review!]! }
        type Reader @key(fields: "id") { id: ID! text: String! }
        type Review { text: String author: Author! }`,
      resolvers: {
        Author: { __resolveReference: reference, ...reviewed },
        Reader: { __resolveReference: reference, text: reviewed.text },
      },
      intercept: async (_request: unknown, _response: unknown, next: () => Promise<void>) => {
        await gate;
        await next();
      },
    },
  ];
  return {
    subgraphs,
    hold() {
      gate = new Promise((resolve) => {
        open = resolve;
      });
    },
    release: () => open(),
  };
}

async function allParts(gateway: GatewayTester, query: string, variables: Record<string, unknown> = {}) {
  const messages: DeferredMessage[] = [];
  for await (const message of partsOf(await askForParts(gateway.url, query, { variables }))) {
    messages.push(message);
  }
  return messages;
}

const SLOW = '{ me { id ... @defer(label: "slow") { name text } } }';

describe('@defer', () => {
  let plain: GatewayTester;
  beforeAll(async () => {
    plain = await startGatewayTester({ subgraphs: createGraph().subgraphs });
  });
  afterAll(() => plain[Symbol.asyncDispose]());

  it('is answered whole, in one piece, to a client that takes JSON only', async () => {
    const gateway = plain;
    for (let time = 0; time < 2; time++) {
      const { status, headers, data, errors } = await gateway.query(SLOW, {}, { accept: 'application/json' });
      expect({ status, data, errors }).toEqual({
        status: 200,
        data: { me: { id: '1', name: 'Ada', text: 'text of 1' } },
        errors: undefined,
      });
      expect(headers.get('content-type')).toMatch(/^application\/json/);
    }
  });

  it('sends what is there before what is slow', async () => {
    const graph = createGraph();
    await using gateway = await startGatewayTester({ subgraphs: graph.subgraphs });
    graph.hold();
    const response = await askForParts(gateway.url, SLOW);
    expect(response.headers.get('content-type')).toBe('multipart/mixed; boundary="-"; deferSpec=20220824');
    expect(response.headers.get('cache-control')).toBe('no-store');
    const parts = partsOf(response);
    expect((await parts.next()).value).toEqual({ data: { me: { id: '1' } }, hasNext: true });
    graph.release();
    expect((await parts.next()).value).toEqual({
      incremental: [{ path: ['me'], label: 'slow', data: { name: 'Ada', text: 'text of 1' } }],
      hasNext: false,
    });
    expect((await parts.next()).done).toBe(true);
  });

  it('is read by Apollo Client', async () => {
    const graph = createGraph();
    await using gateway = await startGatewayTester({ subgraphs: graph.subgraphs });
    graph.hold();
    const client = new ApolloClient({
      cache: new InMemoryCache(),
      link: new HttpLink({ uri: gateway.url }),
      incrementalHandler: new Defer20220824Handler(),
    });
    const seen: unknown[] = [];
    const watched = client.watchQuery({ query: gql(SLOW) }).subscribe(({ data, dataState }) => {
      if (dataState === 'streaming' || dataState === 'complete') seen.push([dataState, data]);
    });
    await until('the first part is there', () => seen.length > 0);
    expect(seen[0]).toMatchObject(['streaming', { me: { id: '1' } }]);
    graph.release();
    await until('the rest is there', () => seen.length > 1);
    expect(seen.at(-1)).toMatchObject(['complete', { me: { name: 'Ada', text: 'text of 1' } }]);
    watched.unsubscribe();
    client.stop();
  });

  it.each([
    ['a field of another subgraph', SLOW],
    ['everything', '{ ... @defer { me { id text } } }'],
    ['another root field', '{ me { id } ... @defer { people { name } } }'],
    ['what is in lists', '{ authors { id ... @defer { reviews { text author { name text } } } } }'],
    ['lists in lists', '{ authors { reviews { author { id ... @defer { name } } } } }'],
    [
      'one inside another',
      '{ me { id ... @defer(label: "a") { text friend { id ... @defer(label: "b") { name ... on Reader { text } } } } } }',
    ],
    ['fragments by name', '{ me { id ...F @defer } } fragment F on Author { n: name t: text }'],
    ['fields of some types', '{ people { id ... on Author @defer { text } ... on Reader @defer { name } } }'],
    ['an interface below types', '{ people { ... on Author { friend { id ... @defer { name } } } } }'],
    ['aliases that hide keys', '{ me { id: name ... @defer { text name: id } } }'],
    ['what was there already', '{ me { name text ... @defer { name text } } }'],
    [
      'two at the same place',
      '{ me { id ... @defer { friend { id } } ... @defer { friend { name } text } } }',
    ],
    ['nothing there', '{ nobody { id ... @defer { text } } me { id } }'],
    ['what is skipped', 'query ($x: Boolean = true) { me { id ... @defer { name @skip(if: $x) text } } }'],
    ['by condition', 'query ($x: Boolean = true) { me { id ... @defer(if: $x) { text } } }'],
    ['the name of a type', '{ people { ... @defer { __typename name } } }'],
  ])('comes to the same as the whole answer: %s', async (_what, query) => {
    const gateway = plain;
    const whole = await gateway.query(query);
    expect(whole.errors).toBeUndefined();
    const messages = await allParts(gateway, query);
    expect(mergeParts(messages)).toEqual(whole.data);
    expect(messages.map(({ hasNext }) => hasNext).lastIndexOf(true)).toBe(messages.length - 2);
    expect(messages[0]?.data).not.toEqual(query.includes('nobody') ? undefined : null);
    expect(messages.flatMap((part) => [part, ...(part.incremental ?? [])]).filter((p) => p.errors)).toEqual(
      [],
    );
  });

  it('keeps nulls inside the part, and tells its errors there, masked', async () => {
    const gateway = plain;
    const messages = await allParts(
      gateway,
      '{ authors { id ... @defer(label: "r") { rating } } me { name } }',
    );
    expect(messages[0]).toEqual({
      data: { authors: [{ id: '1' }, { id: '3' }], me: { name: 'Ada' } },
      hasNext: true,
    });
    expect(messages.slice(1)).toMatchObject([
      {
        hasNext: false,
        incremental: [
          { path: ['authors', 0], label: 'r', data: null, errors: [{ path: ['authors', 0, 'rating'] }] },
          { path: ['authors', 1], label: 'r', data: null, errors: [{ path: ['authors', 1, 'rating'] }] },
        ],
      },
    ]);
    expect(JSON.stringify(messages)).not.toContain('10.0.0.1');
  });

  it('sends nothing that belongs into a part which came to nothing', async () => {
    const query =
      '{ me { id ... @defer(label: "a") { rating friend { id ... @defer(label: "b") { name } } } } }';
    const messages = await allParts(plain, query);
    expect(messages[0]).toEqual({ data: { me: { id: '1' } }, hasNext: true });
    expect(messages.flatMap(({ incremental = [] }) => incremental)).toMatchObject([
      { path: ['me'], label: 'a', data: null, errors: [{ path: ['me', 'rating'] }] },
    ]);
    expect(messages.at(-1)?.hasNext).toBe(false);
  });

  it('keeps what was fetched, and no part of the response', async () => {
    await using gateway = await startGatewayTester({ subgraphs: createGraph().subgraphs });
    const first = await allParts(gateway, SLOW);
    const { length } = gateway.subgraph('reviews').received;
    expect(length).toBe(1);
    expect(await allParts(gateway, SLOW)).toEqual(first);
    expect(gateway.subgraph('reviews').received).toHaveLength(length);
  });

  it('gives up what is deferred when the client goes', async () => {
    const graph = createGraph();
    await using gateway = await startGatewayTester({ subgraphs: graph.subgraphs });
    graph.hold();
    const gone = new AbortController();
    const query = '{ me { id ... @defer { text ... @defer { reviews { author { name } } } } } }';
    const response = await askForParts(gateway.url, query, { signal: gone.signal });
    const parts = partsOf(response);
    await parts.next();
    gone.abort();
    await expect(parts.next()).rejects.toThrow();
    graph.release();
    // A request that comes after it is answered: the gateway is well, and nothing of the other was asked any more.
    await gateway.query('{ me { friend { name } } }');
    const asked = [...gateway.subgraph('reviews').received, ...gateway.subgraph('people').received];
    expect(asked.filter(({ query: sent }) => sent.includes('reviews'))).toEqual([]);
  });

  it.each([
    ['the variable says no', 'query ($x: Boolean!) { me { id ... @defer(if: $x) { text } } }', { x: false }],
    ['it is a mutation', 'mutation { rename { id ... @defer { text } } }', {}],
    ['the schema is asked for too', '{ __schema { queryType { name } } me { id ... @defer { text } } }', {}],
    ['another operation defers', 'query A { me { id text } } query B { me { ... @defer { id } } }', {}],
  ])('is answered whole where %s', async (_why, query, variables) => {
    const gateway = plain;
    const response = await askForParts(gateway.url, query, { variables });
    expect(response.headers.get('content-type')).toMatch(/^application\//);
    const { status, data, errors } = await gateway.query(query, variables);
    expect(response.status).toBe(status);
    expect(await response.json()).toEqual({ ...(data !== undefined && { data }), ...(errors && { errors }) });
  });

  it.each([
    [
      'what is too deep',
      { limits: { maxDepth: 2 } },
      '{ me { friend { ... @defer { friend { id } } } } }',
      {},
    ],
    [
      'variables of the wrong type',
      {},
      'query ($x: Boolean!) { me { id ... @defer { text @skip(if: $x) } } }',
      { x: 1 },
    ],
    ['what is not valid', {}, '{ me { id ... @defer { nothing } } }', {}],
  ])('refuses %s as it does without it', async (_what, limits, query, variables) => {
    await using gateway = await startGatewayTester({ subgraphs: createGraph().subgraphs, config: limits });
    const refused = await gateway.query(query, variables, TAKES_PARTS);
    const whole = await gateway.query(query, variables);
    expect(refused.status).toBe(whole.status);
    expect(refused.errors?.[0]?.extensions?.['code']).toBe(whole.errors?.[0]?.extensions?.['code']);
    expect(refused.errors).toBeDefined();
  });

  it('runs nothing that is on no list, where lists are required', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'headgate-'));
    const file = path.join(folder, 'operations.json');
    await writeFile(file, JSON.stringify({ slow: SLOW }));
    await using gateway = await startGatewayTester({
      subgraphs: createGraph().subgraphs,
      config: { persistedOperations: { mode: 'require_listed', files: [file] } },
    });
    expect(await allParts(gateway, SLOW)).toHaveLength(2);
    const other = await gateway.query('{ me { ... @defer { text } } }', {}, TAKES_PARTS);
    expect(other.errors).toMatchObject([{ extensions: { code: 'OPERATION_NOT_LISTED' } }]);
    expect(gateway.subgraph('people').received.length).toBeGreaterThan(0);
    expect(gateway.subgraph('reviews').received).toHaveLength(1);
    await rm(folder, { recursive: true });
  });

  it('tells nobody in a part what the whole answer would not tell', async () => {
    const typeDefs = `${federationLink('@authenticated')} type Query { open: String secret: String @authenticated }`;
    const resolvers = { Query: { open: () => 'open', secret: () => 'secret' } };
    await using gateway = await startGatewayTester({ subgraphs: [{ name: 'one', typeDefs, resolvers }] });
    const query = '{ open ... @defer { secret } }';
    const { data, errors, headers } = await gateway.query(query, {}, TAKES_PARTS);
    expect(headers.get('content-type')).toMatch(/^application\//);
    expect(data).toEqual({ open: 'open', secret: null });
    expect(errors).toMatchObject([{ extensions: { code: 'UNAUTHORIZED_FIELD_OR_TYPE' } }]);
  });
});
