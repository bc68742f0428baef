import { createHash } from 'node:crypto';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { getOf, rawRequest } from '../../support/rawRequest.js';
import { startPageGateway } from '../../support/startPageGateway.js';

const PAGE = '{ product(id: "p1") { price } }';
const LONG_PAGE = '{ product(id: "p1") { price description(length: 13000) } }';

describe('a page that is asked for again and again', () => {
  it('reaches the subgraph once in a thousand times', async () => {
    await using gateway = await startPageGateway();
    const statuses = new Map<string | null, number>();
    for (let time = 0; time < 1000; time++) {
      const { headers, data } = await gateway.query(PAGE);
      expect(data).toEqual({ product: { price: 10 } });
      const status = headers.get('x-cache');
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
    expect(Object.fromEntries(statuses)).toEqual({ 'miss; stored': 1, 'hit; tier=memory': 999 });
    expect(gateway.asked('products')).toBe(1);
  });

  it('reaches it once as well when all ask at the same time', async () => {
    await using gateway = await startPageGateway();
    await Promise.all(Array.from({ length: 100 }, () => gateway.query(PAGE)));
    expect(gateway.asked('products')).toBe(1);
  });

  it('is the same over GET and POST, each kept for itself, and the subgraph is asked for neither twice', async () => {
    await using gateway = await startPageGateway();
    const post = await gateway.query(PAGE);
    const get = await rawRequest(...getOf(gateway.url, PAGE));
    const again = await rawRequest(...getOf(gateway.url, PAGE));
    expect(JSON.parse(get.bytes.toString())).toEqual({ data: post.data });
    expect(get.headers['x-cache']).toBe('miss; stored');
    expect(again.headers['x-cache']).toBe('hit; tier=memory');
    expect(again.headers.etag).toBe(post.headers.get('etag'));
    expect(gateway.asked('products')).toBe(1);
  });

  it('is the same for requests that are traced, each under an id of its own', async () => {
    await using gateway = await startPageGateway({ propagateHeaders: ['traceparent', 'tracestate'] });
    await gateway.query(PAGE, undefined, { traceparent: '00-1-1-00', tracestate: 'a=1' });
    const { headers } = await gateway.query(PAGE, undefined, { traceparent: '00-2-2-00', tracestate: 'a=2' });
    expect(headers.get('x-cache')).toBe('hit; tier=memory');
    expect(headers.get('vary')).not.toContain('trace');
    expect(gateway.subgraph('products').received[0]?.headers).toMatchObject({ traceparent: '00-1-1-00' });
  });

  it('is asked for anew after a mutation that changed something on it', async () => {
    await using gateway = await startPageGateway();
    const before = await gateway.query(PAGE);
    await gateway.query('mutation { setPrice(id: "p1", price: 99) { id } }');
    const after = await gateway.query(PAGE);
    expect(after.data).toEqual({ product: { price: 99 } });
    expect(after.headers.get('etag')).not.toBe(before.headers.get('etag'));
  });

  it('stays when a mutation changed something else', async () => {
    await using gateway = await startPageGateway();
    await gateway.query(PAGE);
    await gateway.query('mutation { setPrice(id: "p2", price: 99) { id } }');
    expect((await gateway.query(PAGE)).headers.get('x-cache')).toBe('hit; tier=memory');
  });
});

describe('what a kept answer says about itself', () => {
  it('is how old it is, counted from when the subgraph made it', async () => {
    await using gateway = await startPageGateway();
    const { headers } = await gateway.query(PAGE);
    expect(headers.get('age')).toBe('0');
    gateway.productsAge = '30';
    await gateway.query('{ product(id: "p2") { price } }');
    const kept = await gateway.query('{ product(id: "p2") { price } }');
    expect(kept.headers.get('x-cache')).toBe('hit; tier=memory');
    expect(Number(kept.headers.get('age'))).toBeGreaterThanOrEqual(30);
    expect(Number(kept.headers.get('age'))).toBeLessThan(35);
  });

  it('lets browsers keep it if they ask each time, and shared caches not at all, by default', async () => {
    await using gateway = await startPageGateway();
    const { headers } = await gateway.query(PAGE);
    expect(headers.get('cache-control')).toBe('public, max-age=0, must-revalidate');
    expect(headers.has('cache-tag')).toBe(false);
  });

  it('lets shared caches keep it as long as configured, and no longer than it is fresh', async () => {
    await using gateway = await startPageGateway({
      cache: { sharedMaxAgeMs: 30_000 },
      subgraphs: { all: { cache: { ttlJitter: 0 } } },
    });
    const secondsLeft = (headers: Headers) => {
      const [, seconds] =
        /^public, max-age=0, s-maxage=(\d+)$/.exec(headers.get('cache-control') ?? '') ?? [];
      // Shared caches take the age off themselves.
      return Number(seconds) - Number(headers.get('age'));
    };
    const long = await gateway.query(PAGE);
    expect(secondsLeft(long.headers)).toBe(30);
    expect(long.headers.get('x-accel-expires')).toBe('30');

    gateway.productsAge = '50';
    const old = await gateway.query('{ product(id: "p2") { price } }');
    expect(Number(old.headers.get('age'))).toBeGreaterThanOrEqual(50);
    expect(secondsLeft(old.headers)).toBeLessThanOrEqual(10);
    expect(secondsLeft(old.headers)).toBeGreaterThanOrEqual(5);
    expect(Number(old.headers.get('x-accel-expires'))).toBe(secondsLeft(old.headers));
  });

  it('names its tags to a CDN that purges by them, where that is configured', async () => {
    await using gateway = await startPageGateway({ cache: { sendTags: true } });
    const { headers } = await gateway.query(PAGE);
    expect(headers.get('cache-tag')?.split(',').sort()).toEqual([
      'Product:id=p1',
      'subgraph:products',
      'type:Product',
    ]);
  });

  it('names a tag that the subgraph made of any characters in those that a header can carry', async () => {
    await using gateway = await startPageGateway({ cache: { sendTags: true, sharedMaxAgeMs: 30_000 } });
    gateway.productsTags = ['größe:大', 'bell:\u0007', 'half:\ud800'];
    const { status, headers } = await gateway.query(PAGE);
    expect(status).toBe(200);
    expect(headers.get('cache-tag')?.split(',')).toEqual(
      expect.arrayContaining(['gr%C3%B6%C3%9Fe:%E5%A4%A7', 'bell:%07', 'half:%EF%BF%BD']),
    );
    expect((await gateway.query(PAGE)).headers.get('x-cache')).toBe('hit; tier=memory');
  });

  it('lets no CDN keep what it could not purge, for more tags than fit into a header', async () => {
    await using gateway = await startPageGateway({ cache: { sendTags: true, sharedMaxAgeMs: 30_000 } });
    const id = 'x'.repeat(8_000);
    gateway.prices.set(id, 1);
    const { headers } = await gateway.query('query ($id: ID!) { product(id: $id) { price } }', { id });
    expect(headers.get('x-cache')).toBe('miss; stored');
    expect(headers.has('cache-tag')).toBe(false);
    expect(headers.get('cache-control')).toBe('public, max-age=0, must-revalidate');
  });

  it('is what else than its URL it depends on: who asks, what subgraphs are sent, what was seen written', async () => {
    await using gateway = await startPageGateway({ propagateHeaders: ['x-tenant'] });
    const { headers } = await gateway.query(PAGE);
    expect(headers.get('vary')?.split(', ').sort()).toEqual([
      'accept',
      'accept-encoding',
      'headgate-consistency',
      'x-tenant',
      'x-user',
    ]);
  });

  it('is nothing that anybody may keep when nobody allowed it', async () => {
    await using gateway = await startPageGateway({ cache: { sharedMaxAgeMs: 30_000, sendTags: true } });
    gateway.productsCacheControl = undefined;
    const { headers } = await gateway.query(PAGE);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('x-cache')).toBe('miss');
    expect(headers.has('etag')).toBe(false);
    expect(headers.has('cache-tag')).toBe(false);
  });
});

describe('a client that has the answer already', () => {
  it('gets 304 and no bytes', async () => {
    await using gateway = await startPageGateway();
    const first = await rawRequest(...getOf(gateway.url, PAGE));
    const etag = String(first.headers.etag);
    for (const named of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const { status, bytes, headers } = await rawRequest(
        ...getOf(gateway.url, PAGE, { 'if-none-match': named }),
      );
      expect({ named, status, size: bytes.length }).toEqual({ named, status: 304, size: 0 });
      expect(headers).toMatchObject({ etag, 'cache-control': 'public, max-age=0, must-revalidate' });
      expect(headers).not.toHaveProperty('content-length');
    }
  });

  it('gets the bytes when it has something else, or what it has was changed', async () => {
    await using gateway = await startPageGateway();
    const { headers } = await rawRequest(...getOf(gateway.url, PAGE));
    const ask = (etag: unknown) => rawRequest(...getOf(gateway.url, PAGE, { 'if-none-match': String(etag) }));
    expect((await ask('"other"')).status).toBe(200);
    await gateway.query('mutation { setPrice(id: "p1", price: 99) { id } }');
    const changed = await ask(headers.etag);
    expect(changed.status).toBe(200);
    expect(JSON.parse(changed.bytes.toString())).toEqual({ data: { product: { price: 99 } } });
  });

  it('gets 304 also when the subgraph had to be asked, if nothing has changed', async () => {
    await using gateway = await startPageGateway();
    const { headers } = await rawRequest(...getOf(gateway.url, PAGE));
    const { status } = await rawRequest(
      ...getOf(gateway.url, PAGE, { 'if-none-match': String(headers.etag), 'cache-control': 'no-cache' }),
    );
    expect(status).toBe(304);
    expect(gateway.asked('products')).toBe(2);
  });
});

describe('a long answer', () => {
  const ask = (url: string, headers: Record<string, string>) => rawRequest(...getOf(url, LONG_PAGE, headers));

  it('comes compressed as the client can take it, with an entity tag for each form', async () => {
    await using gateway = await startPageGateway();
    const plain = await ask(gateway.url, {});
    const gzip = await ask(gateway.url, { 'accept-encoding': 'gzip' });
    const brotli = await ask(gateway.url, { 'accept-encoding': 'gzip, deflate, br' });
    expect(plain.headers).not.toHaveProperty('content-encoding');
    expect(gzip.headers['content-encoding']).toBe('gzip');
    expect(brotli.headers['content-encoding']).toBe('br');
    expect(gunzipSync(gzip.bytes)).toEqual(plain.bytes);
    expect(brotliDecompressSync(brotli.bytes)).toEqual(plain.bytes);
    expect(brotli.bytes.length).toBeLessThan(plain.bytes.length / 10);
    for (const { headers, bytes } of [plain, gzip, brotli]) {
      expect(Number(headers['content-length'])).toBe(bytes.length);
    }
    expect(new Set([plain, gzip, brotli].map(({ headers }) => headers.etag)).size).toBe(3);
    expect(gateway.asked('products')).toBe(1);
  });

  it('is not confirmed to a client that has another form of it', async () => {
    await using gateway = await startPageGateway();
    const { headers } = await ask(gateway.url, { 'accept-encoding': 'gzip' });
    const tag = { 'if-none-match': String(headers.etag) };
    expect((await ask(gateway.url, { ...tag, 'accept-encoding': 'gzip' })).status).toBe(304);
    expect((await ask(gateway.url, { ...tag, 'accept-encoding': 'br' })).status).toBe(200);
    expect((await ask(gateway.url, tag)).status).toBe(200);
  });

  it('is compressed once, however many ask for it', async () => {
    await using gateway = await startPageGateway();
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => ask(gateway.url, { 'accept-encoding': 'br' })),
    );
    const digests = answers.map(({ bytes }) => createHash('sha256').update(bytes).digest('hex'));
    expect(new Set(digests).size).toBe(1);
    expect(answers.every(({ headers }) => headers['content-encoding'] === 'br')).toBe(true);
  });

  it('comes as it is when it is short', async () => {
    await using gateway = await startPageGateway();
    const { headers } = await rawRequest(...getOf(gateway.url, PAGE, { 'accept-encoding': 'br' }));
    expect(headers).not.toHaveProperty('content-encoding');
  });
});

describe('a client that wants no kept answer', () => {
  it('gets a new one with no-cache, which is then kept for the others', async () => {
    await using gateway = await startPageGateway();
    await gateway.query(PAGE);
    gateway.prices.set('p1', 11);
    const { data } = await gateway.query(PAGE, undefined, { 'cache-control': 'no-cache' });
    expect(data).toEqual({ product: { price: 11 } });
    const others = await gateway.query(PAGE);
    expect(others.data).toEqual({ product: { price: 11 } });
    expect(others.headers.get('x-cache')).toBe('hit; tier=memory');
    expect(gateway.asked('products')).toBe(2);
  });

  it('gets a new one with no-store, which is kept for nobody', async () => {
    await using gateway = await startPageGateway();
    const { data, headers } = await gateway.query(PAGE, undefined, { 'cache-control': 'no-store' });
    expect(data).toEqual({ product: { price: 10 } });
    expect(headers.get('cache-control')).toBe('no-store');
    expect((await gateway.query(PAGE)).headers.get('x-cache')).toBe('miss; stored');
    expect(gateway.asked('products')).toBe(2);
  });

  it.each([
    ['max-age=0', { 'cache-control': 'max-age=0' }],
    ['NO-CACHE among others', { 'cache-control': 'max-stale=5, NO-CACHE' }],
    ['the pragma of HTTP/1.0', { pragma: 'no-cache' }],
  ])('may say so by %s', async (_name, headers) => {
    await using gateway = await startPageGateway();
    await gateway.query(PAGE);
    await gateway.query(PAGE, undefined, headers as unknown as Record<string, string>);
    expect(gateway.asked('products')).toBe(2);
  });
});

describe('an answer that went wrong', () => {
  it('is not kept, nor the part that went well around an error', async () => {
    await using gateway = await startPageGateway();
    gateway.broken.add('p1');
    const failed = await gateway.query(PAGE);
    expect(failed).toMatchObject({ data: { product: { price: null } }, errors: [expect.anything()] });
    expect(failed.headers.get('cache-control')).toBe('no-store');
    expect(failed.headers.has('etag')).toBe(false);
    gateway.broken.clear();
    expect((await gateway.query(PAGE)).data).toEqual({ product: { price: 10 } });
    expect(gateway.asked('products')).toBe(2);
  });

  it('does not put out the one that is kept', async () => {
    await using gateway = await startPageGateway();
    await gateway.query(PAGE);
    gateway.broken.add('p1');
    expect((await gateway.query(PAGE, undefined, { 'cache-control': 'no-cache' })).errors).toHaveLength(1);
    expect((await gateway.query(PAGE)).data).toEqual({ product: { price: 10 } });
  });

  it.each([
    ['does not parse', '{ product'],
    ['does not fit the schema', '{ noSuchField }'],
  ])('because the query %s is told each time, without a subgraph', async (_name, query) => {
    await using gateway = await startPageGateway();
    for (let time = 0; time < 2; time++) {
      const { headers, errors } = await gateway.query(query);
      expect(errors).toHaveLength(1);
      expect(headers.get('cache-control')).toBe('no-store');
    }
    expect(gateway.asked('products')).toBe(0);
  });
});

describe('a page with parts that nobody may keep', () => {
  it('is not kept, and takes what is public on it from the cache', async () => {
    await using gateway = await startPageGateway();
    const mixed = '{ product(id: "p1") { price } visit }';
    const visits = [];
    for (let time = 0; time < 3; time++) {
      const { data, headers } = await gateway.query(mixed);
      expect(data).toMatchObject({ product: { price: 10 } });
      expect(headers.get('cache-control')).toBe('no-store');
      visits.push((data as { visit: number }).visit);
    }
    expect(visits).toEqual([1, 2, 3]);
    expect(gateway.asked('products')).toBe(1);
    expect(gateway.asked('visits')).toBe(3);
  });
});

describe('equal mutations at the same time', () => {
  it('are all made, also when they are named by a hash beside a variable called query', async () => {
    await using gateway = await startPageGateway();
    const mutation = 'mutation ($id: ID!, $price: Int!) { setPrice(id: $id, price: $price) { id } }';
    const sha256Hash = createHash('sha256').update(mutation).digest('hex');
    const extensions = { persistedQuery: { version: 1, sha256Hash } };
    const post = async (body: object) =>
      rawRequest(gateway.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ ...body, variables: { id: 'p1', price: 9, query: 'x' }, extensions }),
      });
    expect((await post({ query: mutation })).status).toBe(200);
    const answers = await Promise.all([post({}), post({}), post({})]);
    expect(answers.map(({ bytes }) => JSON.parse(bytes.toString()))).toEqual(
      answers.map(() => ({ data: { setPrice: { id: 'p1' } } })),
    );
    expect(gateway.asked('products')).toBe(4);
  });
});
