import { createHash } from 'node:crypto';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { GatewayConfigInput } from '../../../gateway/config.js';
import { type GatewayTester, startGatewayTester } from '../../support/gatewayTester.js';
import { graphqlSocketClient } from '../../support/graphqlSocketClient.js';
import { createShelfGraph } from '../../support/shelfGraph.js';
import { streamResults } from '../../support/streamResults.js';
import { until } from '../../support/until.js';

const READ = 'query Read { book(id: "b1") { title } }';
const OTHER = '{ book(id: "b2") { title } }';
const TOUCH = 'mutation Touch { touch(id: "b1") }';
const PREFLIGHT = { 'apollo-require-preflight': '1' };
const JSON_TYPE = { 'content-type': 'application/json' };
const SSE = { accept: 'text/event-stream' };
const MULTIPART = { accept: 'multipart/mixed;subscriptionSpec=1.0' };
const byHash = (sha256Hash: string) => ({ extensions: { persistedQuery: { version: 1, sha256Hash } } });

describe('operations by their id', () => {
  let folder: string;
  let file: string;
  let tester: GatewayTester | undefined;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'headgate-'));
    file = path.join(folder, 'operations.json');
    await list({ read: READ, touch: TOUCH });
  });
  afterEach(async () => {
    await tester?.[Symbol.asyncDispose]();
    tester = undefined;
    await rm(folder, { recursive: true });
  });

  async function list(operations: Record<string, string>) {
    await writeFile(`${file}.new`, JSON.stringify(operations));
    await rename(`${file}.new`, file);
  }

  async function start(persistedOperations: GatewayConfigInput['persistedOperations']) {
    const { subgraphs } = createShelfGraph();
    tester = await startGatewayTester({
      subgraphs,
      config: { persistedOperations, subgraphs: { all: { cache: { defaultTtlMs: 60_000 } } } },
    });
    return tester;
  }

  const url = () => tester?.url as string;
  const asked = () => tester?.subgraph('books').received.length;

  async function answerOf(response: Response) {
    const text = await response.text();
    // Of a stream, the first result.
    const json = /\{.*\}/.exec(text)?.[0] ?? text;
    const found = JSON.parse(json) as {
      data?: unknown;
      errors?: { extensions: { code: string } }[];
      payload?: object;
    };
    const { data, errors } = { ...found, ...found.payload };
    return {
      status: response.status,
      data,
      code: errors?.[0]?.extensions.code,
      cache: response.headers.get('x-cache'),
    };
  }
  const post = async (body: object, headers: Record<string, string> = {}) =>
    answerOf(
      await fetch(url(), {
        method: 'POST',
        headers: { ...JSON_TYPE, ...headers },
        body: JSON.stringify(body),
      }),
    );
  const get = async (search: Record<string, string>, headers: Record<string, string> = PREFLIGHT) =>
    answerOf(await fetch(`${url()}?${new URLSearchParams(search)}`, { headers }));
  const getByHash = (hash: string, headers?: Record<string, string>) =>
    get({ extensions: JSON.stringify(byHash(hash).extensions) }, headers);

  const BOOK = { book: { title: 'Book b1' } };
  const found = { status: 200, data: BOOK };

  it('run over every transport, and nothing else does where they are required', async () => {
    await start({ mode: 'require_id', files: [file] });
    // Twice: the second goes the short way.
    for (const way of ['first', 'second']) {
      expect({ way, ...(await post({ documentId: 'read', variables: { way } })) }).toMatchObject(found);
    }
    expect(await post(byHash('read'))).toMatchObject(found);
    expect(await get({ documentId: 'read' })).toMatchObject(found);
    expect(await getByHash('read')).toMatchObject(found);
    expect(await post({ documentId: 'read' }, SSE)).toMatchObject(found);
    expect(await post({ documentId: 'read' }, MULTIPART)).toMatchObject(found);
    expect(await get({ documentId: 'read' }, { ...PREFLIGHT, ...SSE })).toMatchObject(found);

    const before = asked();
    const required = { status: 400, code: 'OPERATION_ID_REQUIRED', data: undefined };
    expect(await post({ query: READ })).toMatchObject(required);
    expect(await post({ query: OTHER, ...byHash('read') })).toMatchObject(required);
    expect(await post({ query: OTHER, documentId: 'read' })).toMatchObject(required);
    expect(await get({ query: OTHER })).toMatchObject(required);
    expect(await post({ query: OTHER }, SSE)).toMatchObject(required);
    expect(await post({ query: OTHER }, MULTIPART)).toMatchObject(required);
    expect(await post({ query: OTHER }, { accept: 'text/event-stream, application/json' })).toMatchObject(
      required,
    );
    expect(await post({ documentId: 'none' })).toMatchObject({ code: 'PERSISTED_QUERY_NOT_FOUND' });
    expect(await post({ documentId: 'none' }, SSE)).toMatchObject({ code: 'PERSISTED_QUERY_NOT_FOUND' });
    expect(asked()).toBe(before);
  });

  it('run over a WebSocket, and nothing else does where they are required', async () => {
    await start({ mode: 'require_id', files: [file] });
    const client = graphqlSocketClient(url());
    try {
      const read = streamResults(client, { query: '', ...byHash('read') });
      expect(await read.first(1)).toEqual([{ data: BOOK }]);
      const refused = streamResults(client, READ);
      expect(await refused.failure()).toMatchObject([{ extensions: { code: 'OPERATION_ID_REQUIRED' } }]);
      const unknown = streamResults(client, { query: '', ...byHash('none') });
      expect(await unknown.failure()).toMatchObject([{ extensions: { code: 'PERSISTED_QUERY_NOT_FOUND' } }]);
    } finally {
      await client.dispose();
    }
  });

  it('are not refused by a cache on the way for an id that is listed by now', async () => {
    await start({ mode: 'require_id', files: [file] });
    // A cache may keep a 200 that says nothing of how long (RFC 9111, section 4.2.2), and some keep it for hours.
    const refused = await fetch(`${url()}?documentId=new`, { headers: PREFLIGHT });
    expect([refused.status, refused.headers.get('cache-control')]).toEqual([200, 'no-store']);
  });

  it('do not write over GET, whatever stands for the text', async () => {
    await start({ mode: 'require_id', files: [file] });
    const before = asked();
    expect(await get({ documentId: 'touch' })).toMatchObject({ status: 405, data: undefined });
    for (const accept of [SSE, MULTIPART]) {
      expect(await get({ documentId: 'touch' }, { ...PREFLIGHT, ...accept })).toMatchObject({
        status: 400,
        code: 'BAD_REQUEST',
      });
    }
    expect(asked()).toBe(before);
    expect(await post({ documentId: 'touch' })).toMatchObject({ status: 200, code: undefined });
  });

  it('are not served from cache once they are off the list', async () => {
    await start({ mode: 'require_listed', files: [file], pollMs: 100 });
    await post({ query: READ });
    expect(await post({ query: READ })).toMatchObject({ ...found, cache: expect.stringContaining('hit') });
    await get({ documentId: 'read' });
    expect(await get({ documentId: 'read' })).toMatchObject({
      ...found,
      cache: expect.stringContaining('hit'),
    });
    await list({ other: OTHER });
    await until('the new list counts', async () => (await post({ documentId: 'other' })).data !== undefined);
    expect(await post({ query: READ })).toMatchObject({
      status: 403,
      code: 'OPERATION_NOT_LISTED',
      data: undefined,
    });
    expect(await get({ documentId: 'read' })).toMatchObject({
      code: 'PERSISTED_QUERY_NOT_FOUND',
      data: undefined,
    });
  });

  it('of one client are not served from cache to another', async () => {
    await start({ mode: 'require_id', files: [{ path: file, client: 'web' }] });
    const web = { ...PREFLIGHT, 'apollographql-client-name': 'web' };
    await get({ documentId: 'read' }, web);
    expect(await get({ documentId: 'read' }, web)).toMatchObject(found);
    expect(await get({ documentId: 'read' })).toMatchObject({ code: 'PERSISTED_QUERY_NOT_FOUND' });
    const { headers } = await fetch(`${url()}?documentId=read`, { headers: web });
    expect(headers.get('vary')).toContain('apollographql-client-name');
  });

  it('run after a client has registered them, by GET and by POST, where that may be', async () => {
    await start({});
    const hash = createHash('sha256').update(READ).digest('hex');
    expect(await getByHash(hash)).toMatchObject({ status: 200, code: 'PERSISTED_QUERY_NOT_FOUND' });
    expect(await post({ query: OTHER, ...byHash(hash) })).toMatchObject({ status: 400, data: undefined });
    expect(await post({ query: READ, ...byHash(hash) })).toMatchObject(found);
    await until('it is registered', async () => (await getByHash(hash)).data !== undefined);
    expect(await getByHash(hash)).toMatchObject(found);
    // Plain texts before, so that the second goes the short way.
    await post({ query: OTHER });
    expect(await post({ ...byHash(hash), variables: {} })).toMatchObject(found);
    expect(await post(byHash(hash), SSE)).toMatchObject(found);
  });

  it('are refused as streams where they could be forged', async () => {
    await start({});
    const before = asked();
    for (const accept of [SSE, MULTIPART]) {
      const refused = { status: 400, code: 'BAD_REQUEST' };
      expect(await get({ query: READ }, accept)).toMatchObject(refused);
      const type = { 'content-type': 'text/plain; application/json' };
      expect(await post({ query: TOUCH }, { ...accept, ...type })).toMatchObject(refused);
    }
    expect(asked()).toBe(before);
    expect(await get({ query: READ }, { ...SSE, ...PREFLIGHT })).toMatchObject(found);
    // As the `EventSource` of a page that the same origin has served.
    expect(await get({ query: READ }, { ...SSE, 'sec-fetch-site': 'same-origin' })).toMatchObject(found);
  });
});
