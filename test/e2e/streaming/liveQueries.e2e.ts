import { createClient as createSseClient } from 'graphql-sse';
import type { Client } from 'graphql-ws';
import type { GatewayConfigInput } from '../../../gateway/config.js';
import { type GatewayTester, startGatewayTester } from '../../support/gatewayTester.js';
import { graphqlSocketClient } from '../../support/graphqlSocketClient.js';
import { held } from '../../support/held.js';
import { createShelfGraph, type ShelfGraph } from '../../support/shelfGraph.js';
import { streamResults } from '../../support/streamResults.js';
import { until } from '../../support/until.js';

const RENAME = 'mutation ($id: ID!, $title: String!) { rename(id: $id, title: $title) { id } }';

describe('a live query', () => {
  let graph: ShelfGraph;
  let tester: GatewayTester;
  let client: Client;
  const start = async (
    streaming: GatewayConfigInput['streaming'] = {},
    subgraphs: GatewayConfigInput['subgraphs'] = {},
  ) => {
    graph = createShelfGraph();
    tester = await startGatewayTester({
      subgraphs: graph.subgraphs,
      config: { subgraphs, streaming: { live: { throttleMs: 10 }, ...streaming } },
    });
    client = graphqlSocketClient(tester.url);
  };
  afterEach(async () => {
    await client.dispose();
    await tester[Symbol.asyncDispose]();
  });
  const rename = (id: string, title: string) => tester.query(RENAME, { id, title });
  const readsOf = (subgraph: string) =>
    tester.subgraph(subgraph).received.filter(({ query }) => !query.includes('mutation')).length;

  it('sends the result at once, and again when a write has changed something in it', async () => {
    await start();
    const book = streamResults(client, 'query @live { book(id: "b1") { title copies } }');
    expect(await book.first(1)).toEqual([{ data: { book: { title: 'Book b1', copies: 1 } } }]);
    await rename('b1', 'Emma');
    expect((await book.first(2))[1]).toEqual({ data: { book: { title: 'Emma', copies: 1 } } });
  });

  it('is not executed for what concerns others, and sends nothing when the result is the same', async () => {
    await start();
    const one = streamResults(client, 'query @live { book(id: "b1") { title } }');
    const two = streamResults(client, 'query @live { book(id: "b2") { title } }');
    await Promise.all([one.first(1), two.first(1)]);
    const before = readsOf('books');
    await tester.query('mutation { touch(id: "b2") }');
    await until('the second is executed again', () => readsOf('books') === before + 1);
    await rename('b1', 'Emma');
    await one.first(2);
    expect(readsOf('books')).toBe(before + 2);
    expect(two.results).toHaveLength(1);
  });

  it('is executed again when something was invalidated while it was being executed', async () => {
    await start();
    const answer = held();
    let isFirst = true;
    graph.afterRead = () => {
      if (!isFirst) return undefined;
      isFirst = false;
      return answer.promise;
    };
    const book = streamResults(client, 'query @live { book(id: "b1") { title } }');
    await until('the book was read', () => !isFirst);
    await rename('b1', 'Emma');
    answer.release();
    await until('the new title came', () => JSON.stringify(book.results).includes('Emma'));
  });

  it('is executed once for all who want the same, and one who comes later is told what the others know', async () => {
    await start();
    const query = 'query @live { shelf { title } }';
    const others = Array.from({ length: 3 }, () => streamResults(client, query));
    await Promise.all(others.map((other) => other.first(1)));
    const late = streamResults(client, query);
    expect(await late.first(1)).toEqual(others[0]?.results);
    expect(readsOf('books')).toBe(1);
    await rename('b2', 'Persuasion');
    for (const results of [...others, late])
      expect(JSON.stringify(await results.first(2))).toContain('Persuasion');
    expect(readsOf('books')).toBe(2);
  });

  it('sends patches where that was asked for, each with its number', async () => {
    await start();
    const shelf = streamResults(client, 'query @live(patch: true) { shelf { id title } }');
    const [first] = await shelf.first(1);
    expect(first).toMatchObject({ extensions: { headgate: { revision: 1 } } });
    await rename('b2', 'Persuasion');
    expect((await shelf.first(2))[1]).toEqual({
      extensions: {
        headgate: { revision: 2, patch: [{ op: 'replace', path: '/shelf/1/title', value: 'Persuasion' }] },
      },
    });
    const late = streamResults(client, 'query @live(patch: true) { shelf { id title } }');
    const [whole] = await late.first(1);
    expect(whole).toMatchObject({
      data: { shelf: [{}, { id: 'b2', title: 'Persuasion' }, {}] },
      extensions: { headgate: { revision: 2 } },
    });
  });

  it('names the fields whose changes nobody would hear of', async () => {
    await start();
    const result = streamResults(client, 'query @live { shelf { title } all: total }');
    const [first] = await result.first(1);
    expect(first?.extensions).toEqual({
      headgate: { notLive: [{ fields: ['all'], service: 'counts', reason: 'no tag names it' }] },
    });
  });

  it('names them in each place, also where fetches ask the same', async () => {
    await start({}, { byName: { counts: { cache: { enabled: false } } } });
    const query = 'query @live { shelf { title copies } book(id: "b1") { title copies } }';
    const [first] = await streamResults(client, query).first(1);
    const untagged = (field: string) => ({ fields: [field], service: 'counts', reason: expect.any(String) });
    expect(first?.extensions).toEqual({
      headgate: { notLive: expect.arrayContaining(['shelf.copies', 'book.copies'].map(untagged)) },
    });
  });

  it('tries a result with errors again by itself', async () => {
    await start();
    let failures = 1;
    graph.afterRead = () => {
      if (failures-- > 0) throw new Error('not now');
    };
    const book = streamResults(client, 'query @live { book(id: "b1") { title } }');
    const [failed, whole] = await book.first(2);
    expect(failed).toMatchObject({ data: { book: null }, errors: [{ path: ['book'] }] });
    expect(whole).toEqual({ data: { book: { title: 'Book b1' } } });
  });

  it('is refused where it cannot be streamed, and beyond the limit', async () => {
    await start({ live: { throttleMs: 10, maxPerConnection: 1 } });
    const { status, errors } = await tester.query('query @live { shelf { title } }');
    expect([status, errors?.[0]?.extensions?.['code']]).toEqual([400, 'UNSUPPORTED_OPERATION']);
    const one = streamResults(client, 'query @live { book(id: "b1") { title } }');
    await one.first(1);
    const two = streamResults(client, 'query @live { book(id: "b2") { title } }');
    expect(await two.failure()).toMatchObject([{ extensions: { code: 'STREAM_LIMIT_REACHED' } }]);
    one.stop();
    await until('the first has ended', async () => {
      const again = streamResults(client, 'query @live { book(id: "b2") { title } }');
      await until('it is answered', () => again.results.length > 0 || again.error !== undefined);
      return again.error === undefined;
    });
  });

  it('works over server-sent events as well', async () => {
    await start();
    const sse = createSseClient({ url: tester.url, retryAttempts: 0 });
    const results: unknown[] = [];
    const sink = {
      next: (result: unknown) => void results.push(result),
      error: () => undefined,
      complete: () => undefined,
    };
    const stop = sse.subscribe({ query: 'query @live { book(id: "b1") { title } }' }, sink);
    await until('the first came', () => results.length === 1);
    await rename('b1', 'Emma');
    await until('the second came', () => results.length === 2);
    expect(results).toEqual([
      { data: { book: { title: 'Book b1' } } },
      { data: { book: { title: 'Emma' } } },
    ]);
    stop();
    sse.dispose();
  });

  it('can be switched off', async () => {
    await start({ live: { enabled: false } });
    const book = streamResults(client, 'query @live { book(id: "b1") { title } }');
    expect(await book.failure()).toMatchObject([{ extensions: { code: 'UNSUPPORTED_OPERATION' } }]);
  });
});
