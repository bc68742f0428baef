import { createConsistencyTokens, type TokenStorage } from './consistencyTokens.js';
import { createGatewayFetch } from './gatewayFetch.js';

interface Sent {
  readonly url: string;
  readonly method: string;
  readonly headers: Headers;
}

/** A network on which each response carries the next of these tokens. */
function fakeNetwork(...tokens: (string | null)[]) {
  const sent: Sent[] = [];
  const fetch = async (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const request = new Request(input, init);
    sent.push({ url: request.url, method: request.method, headers: request.headers });
    const token = tokens[sent.length - 1] ?? null;
    return new Response('{}', { headers: token === null ? {} : { 'headgate-consistency': token } });
  };
  return { sent, fetch };
}

/** What the last request carried. */
const tokenIn = (sent: readonly Sent[]) => sent.at(-1)?.headers.get('headgate-consistency');

const SHOP = 'https://shop.example/graphql';

describe('a fetch for a gateway', () => {
  it('sends nothing before the first write, and then what the write was answered with', async () => {
    const { sent, fetch } = fakeNetwork(null, 'v1.a.a');
    const gatewayFetch = createGatewayFetch({ tokens: createConsistencyTokens(), fetch });
    await gatewayFetch(SHOP, { method: 'POST' });
    await gatewayFetch(SHOP, { method: 'POST' });
    expect(tokenIn(sent)).toBeNull();
    await gatewayFetch(SHOP);
    await gatewayFetch(`${SHOP}?query=x`);
    expect(tokenIn(sent)).toBe('v1.a.a');
  });

  it('sends the token of one origin to no other', async () => {
    const { sent, fetch } = fakeNetwork('v1.a.a', 'v1.b.b');
    const gatewayFetch = createGatewayFetch({ tokens: createConsistencyTokens(), fetch });
    await gatewayFetch(SHOP);
    await gatewayFetch('http://shop.example/graphql');
    expect(tokenIn(sent)).toBeNull();
    await gatewayFetch('https://shop.example/other/path');
    expect(tokenIn(sent)).toBe('v1.a.a');
    await gatewayFetch(new URL('http://shop.example/'));
    expect(tokenIn(sent)).toBe('v1.b.b');
  });

  it('keeps the tokens of writes that ran at once until one comes that stands for both', async () => {
    const tokens = createConsistencyTokens();
    const before = tokens.headerFor(SHOP);
    tokens.take(SHOP, before, 'v1.second.x');
    tokens.take(SHOP, before, 'v1.first.x');
    const both = tokens.headerFor(SHOP);
    expect(both).toBe('v1.second.x, v1.first.x');
    tokens.take(SHOP, both, 'v1.third.x');
    expect(tokens.headerFor(SHOP)).toBe('v1.third.x');
  });

  it('never sends more than a gateway reads', () => {
    const tokens = createConsistencyTokens();
    for (let write = 0; write < 100; write++) tokens.take(SHOP, undefined, `v1.${write}.x`);
    expect(tokens.headerFor(SHOP)?.split(', ')).toEqual(
      Array.from({ length: 8 }, (_, index) => `v1.${92 + index}.x`),
    );
  });

  it.each([
    ['nothing', ''],
    ['several words', 'a b'],
    ['several of them', 'a,b'],
    ['several lines', 'a\nb'],
    ['what no header can carry', 'ä'],
    ['too much', 'x'.repeat(1025)],
  ])('does not take %s for a token', (_name, text) => {
    const tokens = createConsistencyTokens();
    tokens.take(SHOP, undefined, text);
    expect(tokens.headerFor(SHOP)).toBeUndefined();
  });

  it('marks GETs as made by a program, without a type for a body that they do not have', async () => {
    const { sent, fetch } = fakeNetwork();
    const gatewayFetch = createGatewayFetch({ tokens: createConsistencyTokens(), fetch });
    const json = { 'content-type': 'application/json', accept: 'application/json' };
    await gatewayFetch(SHOP, { headers: json });
    expect(Object.fromEntries(sent.at(-1)?.headers ?? [])).toEqual({
      accept: 'application/json',
      'apollo-require-preflight': 'true',
    });
    await gatewayFetch(SHOP, { method: 'POST', headers: json, body: '{}' });
    expect(sent.at(-1)?.headers.get('content-type')).toBe('application/json');
    expect(sent.at(-1)?.headers.has('apollo-require-preflight')).toBe(false);
  });

  it('knows a GET by whatever case it is written in', async () => {
    const { sent, fetch } = fakeNetwork();
    await createGatewayFetch({ tokens: createConsistencyTokens(), fetch })(SHOP, { method: 'get' });
    expect(sent.at(-1)?.headers.get('apollo-require-preflight')).toBe('true');
  });

  it('takes what a `Request` says', async () => {
    const { sent, fetch } = fakeNetwork('v1.a.a');
    const gatewayFetch = createGatewayFetch({ tokens: createConsistencyTokens(), fetch });
    const request = () => new Request(SHOP, { method: 'POST', headers: { 'x-own': '1' }, body: '{}' });
    await gatewayFetch(request());
    await gatewayFetch(request());
    expect(sent.at(-1)).toMatchObject({ url: SHOP, method: 'POST' });
    expect(Object.fromEntries(sent.at(-1)?.headers ?? [])).toMatchObject({
      'x-own': '1',
      'headgate-consistency': 'v1.a.a',
    });
  });

  it('passes a failure on, and keeps what it had', async () => {
    const tokens = createConsistencyTokens();
    tokens.take(SHOP, undefined, 'v1.a.a');
    const gatewayFetch = createGatewayFetch({
      tokens,
      fetch: () => Promise.reject(new TypeError('offline')),
    });
    await expect(gatewayFetch(SHOP)).rejects.toThrow('offline');
    expect(tokens.headerFor(SHOP)).toBe('v1.a.a');
  });
});

describe('tokens in a storage', () => {
  function fakeStorage(): TokenStorage & { readonly items: Map<string, string> } {
    const items = new Map<string, string>();
    return {
      items,
      getItem: (key) => items.get(key) ?? null,
      setItem: (key, value) => void items.set(key, value),
    };
  }

  it('are there again after the page was loaded anew, and in other tabs', () => {
    const storage = fakeStorage();
    const first = createConsistencyTokens({ storage });
    const other = createConsistencyTokens({ storage });
    first.take(SHOP, undefined, 'v1.a.a');
    expect(other.headerFor(SHOP)).toBe('v1.a.a');
    other.take(SHOP, 'v1.a.a', 'v1.b.b');
    expect(first.headerFor(SHOP)).toBe('v1.b.b');
    expect([...storage.items.keys()]).toEqual(['headgate-consistency:https://shop.example']);
  });

  it('are not sent when something else was written there', () => {
    const storage = fakeStorage();
    storage.items.set('headgate-consistency:https://shop.example', 'x\r\ncookie: 1, v1.a.a');
    expect(createConsistencyTokens({ storage }).headerFor(SHOP)).toBe('v1.a.a');
  });

  it('are sent beside what is there when the storage takes no more', () => {
    const storage = fakeStorage();
    const first = createConsistencyTokens({ storage });
    first.take(SHOP, undefined, 'v1.a.a');
    const full = {
      ...storage,
      setItem: () => {
        throw new Error('QuotaExceededError');
      },
    };
    const tokens = createConsistencyTokens({ storage: full });
    tokens.take(SHOP, 'v1.a.a', 'v1.b.b');
    expect(tokens.headerFor(SHOP)?.split(', ')).toContain('v1.b.b');
    // Another tab goes on writing; what it wrote stands in the storage alone.
    first.take(SHOP, 'v1.a.a', 'v1.c.c');
    expect(tokens.headerFor(SHOP)?.split(', ').sort()).toEqual(['v1.b.b', 'v1.c.c']);
    tokens.take(SHOP, tokens.headerFor(SHOP), 'v1.d.d');
    expect(tokens.headerFor(SHOP)?.split(', ')).toContain('v1.d.d');
  });

  it('live in memory when the browser forbids the storage', () => {
    const forbid = () => {
      throw new Error('SecurityError');
    };
    const tokens = createConsistencyTokens({ storage: { getItem: forbid, setItem: forbid } });
    tokens.take(SHOP, undefined, 'v1.a.a');
    expect(tokens.headerFor(SHOP)).toBe('v1.a.a');
  });
});
