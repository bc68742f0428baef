import { IDENTITY_HEADER } from '../../../platform/identity.js';
import { held } from '../../support/held.js';
import { getOf, rawRequest } from '../../support/rawRequest.js';
import { startPageGateway } from '../../support/startPageGateway.js';
import { until } from '../../support/until.js';

const as = (user: string) => ({ 'x-user': user });
const ME = '{ me { name } }';

describe('an answer for one person', () => {
  it('is kept for that person, and shown to no other', async () => {
    await using gateway = await startPageGateway();
    const me = async (user: string) => {
      const { data, headers } = await gateway.query(ME, undefined, as(user));
      return [data, headers.get('x-cache')];
    };
    expect(await me('alice')).toEqual([{ me: { name: 'alice' } }, 'miss; stored']);
    expect(await me('bob')).toEqual([{ me: { name: 'bob' } }, 'miss; stored']);
    expect(await me('alice')).toEqual([{ me: { name: 'alice' } }, 'hit; tier=memory']);
    expect(await me('bob')).toEqual([{ me: { name: 'bob' } }, 'hit; tier=memory']);
    expect(gateway.asked('accounts')).toBe(2);
  });

  it('is not shown to somebody whom nobody knows, nor is theirs kept', async () => {
    await using gateway = await startPageGateway();
    await gateway.query(ME, undefined, as('alice'));
    for (let time = 0; time < 2; time++) {
      const { data, headers } = await gateway.query(ME);
      expect(data).toEqual({ me: null });
      expect(headers.get('x-cache')).toBe('miss');
    }
    expect((await gateway.query(ME, undefined, as('alice'))).data).toEqual({ me: { name: 'alice' } });
  });

  it('is kept by no cache on the way, and tells none of its tags', async () => {
    await using gateway = await startPageGateway({ cache: { sharedMaxAgeMs: 30_000, sendTags: true } });
    const { headers } = await gateway.query(ME, undefined, as('alice'));
    expect(headers.get('cache-control')).toBe('private, max-age=0, must-revalidate');
    expect(headers.has('cache-tag')).toBe(false);
    expect(headers.has('x-accel-expires')).toBe(false);
  });

  it('shares with all others what is public on it', async () => {
    await using gateway = await startPageGateway();
    const page = '{ me { name favourite { price } } }';
    for (const user of ['alice', 'bob', 'carol']) {
      const { data } = await gateway.query(page, undefined, as(user));
      expect(data).toEqual({ me: { name: user, favourite: { price: 10 } } });
    }
    expect(gateway.asked('accounts')).toBe(3);
    expect(gateway.asked('products')).toBe(1);
  });

  it('is for one person also when a subgraph that knows who asks calls it public', async () => {
    await using gateway = await startPageGateway({ cache: { sharedMaxAgeMs: 30_000, sendTags: true } });
    gateway.accountsCacheControl = 'public, max-age=60, s-maxage=60';
    for (const user of ['alice', 'bob', undefined, 'alice', 'bob', undefined]) {
      const { data, headers } = await gateway.query('{ greeting }', undefined, user ? as(user) : {});
      expect(data).toEqual({ greeting: `Hello ${user ?? 'stranger'}` });
      expect(headers.get('cache-control')).toBe('private, max-age=0, must-revalidate');
      expect(headers.has('cache-tag')).toBe(false);
    }
    expect(gateway.asked('accounts')).toBe(3);
  });

  it('is not what another one gets who asks the same while it is made', async () => {
    await using gateway = await startPageGateway();
    const hold = held();
    gateway.holdAccounts = hold.promise;
    const users = ['alice', 'bob', undefined, 'alice', 'bob', undefined];
    const asked = users.map((user) => gateway.query(ME, undefined, user ? as(user) : {}));
    await until('one request of each has reached the subgraph', () => gateway.accountsReached === 3);
    hold.release();
    const names = (await Promise.all(asked)).map(
      ({ data }) => (data as { me: { name: string } | null }).me?.name,
    );
    expect(names).toEqual(users);
  });

  it('comes anew for each who waited, when a subgraph that is not told who asks calls it private', async () => {
    await using gateway = await startPageGateway();
    const answers = await Promise.all(Array.from({ length: 8 }, () => gateway.query('{ visit }')));
    const visits = answers.map(({ data }) => (data as { visit: number }).visit);
    expect(new Set(visits).size).toBe(8);
  });
});

describe('somebody who wants what is not theirs', () => {
  /** What Alice has in the cache, asked for in many ways by somebody else. */
  async function startWithAlice() {
    const gateway = await startPageGateway({ propagateHeaders: ['x-tenant', 'x-region'] });
    await gateway.query(ME, undefined, as('alice'));
    await rawRequest(...getOf(gateway.url, ME, as('alice')));
    const [told] = gateway.subgraph('accounts').received;
    const signature = String(told?.headers[IDENTITY_HEADER]);
    expect(signature).toMatch(/./);
    return { gateway, signature };
  }

  it.each([
    ['the same words', ME],
    ['an alias', '{ mine: me { name } }'],
    ['an alias that is a name of the gateway', '{ me { _hgt: name } }'],
    ['a fragment', '{ ...F } fragment F on Query { me { name } }'],
    ['the name of an operation', 'query alice { me { name } }'],
    ['a comment', '{ me { name } } # x-user: alice'],
    ['a part that everybody may see', '{ me { name } product(id: "p1") { price } }'],
  ])('gets their own by %s', async (_name, query) => {
    const { gateway } = await startWithAlice();
    await using _gateway = gateway;
    for (let time = 0; time < 2; time++) {
      const bob = await gateway.query(query, undefined, as('bob'));
      expect(JSON.stringify(bob.data)).toContain('"bob"');
      expect(JSON.stringify(bob.data)).not.toContain('alice');
      const nobody = await gateway.query(query);
      expect(JSON.stringify(nobody.data)).not.toMatch(/alice|bob/);
    }
  });

  it.each([
    ['variables', { user: 'alice', identity: 'alice' }],
    [
      'variables with names of the object prototype',
      { ['__proto__']: { subject: 'alice' }, constructor: 'alice' },
    ],
  ])('gets their own by %s', async (_name, variables) => {
    const { gateway } = await startWithAlice();
    await using _gateway = gateway;
    const bob = await gateway.query(ME, variables as Record<string, unknown>, as('bob'));
    expect(bob.data).toEqual({ me: { name: 'bob' } });
  });

  it.each([
    ['an identity that was signed for Alice', (signature: string) => ({ [IDENTITY_HEADER]: signature })],
    ['the header twice', () => ({ 'x-user': ['alice', 'bob'] })],
    ['a list', () => ({ 'x-user': 'bob, alice' })],
    ['other letters', () => ({ 'x-user': 'ALICE' })],
    [
      'headers that proxies set',
      () => ({ 'x-forwarded-user': 'alice', 'x-original-url': '/alice', forwarded: 'for=alice' }),
    ],
    ['a header named Vary', () => ({ vary: 'x-user', 'x-user': 'bob' })],
    ['a tag of hers', () => ({ 'x-user': 'bob', 'if-none-match': '*' })],
    [
      'wanting no new answer',
      () => ({ 'x-user': 'bob', 'cache-control': 'only-if-cached, max-stale=999999' }),
    ],
    ['a cookie', () => ({ cookie: 'x-user=alice', authorization: 'Bearer alice' })],
    ['no name', () => ({ 'x-user': '' })],
    ['the word by which the nameless are kept', () => ({ 'x-user': 'anonymous' })],
    ['an end of her key', () => ({ 'x-user': ':alice' })],
  ])('gets nothing of hers by %s', async (_name, headersFor) => {
    const { gateway, signature } = await startWithAlice();
    await using _gateway = gateway;
    for (let time = 0; time < 2; time++) {
      const { bytes } = await rawRequest(...getOf(gateway.url, ME, headersFor(signature)));
      expect(bytes.toString()).not.toContain('"alice"');
    }
  });

  it('gets nothing of hers by another URL or body for the same question', async () => {
    const { gateway } = await startWithAlice();
    await using _gateway = gateway;
    const query = encodeURIComponent(ME);
    const preflight = { 'apollo-require-preflight': 'true', ...as('bob') };
    for (const search of [
      `query=${query}&x-user=alice`,
      `x-user=alice&query=${query}`,
      `query=${query}&query=${query}`,
      `query=${query}#alice`,
      `query=${query}&extensions=${encodeURIComponent('{"identity":"alice"}')}`,
    ]) {
      const { bytes } = await rawRequest(`${gateway.url}?${search}`, { headers: preflight });
      expect(bytes.toString()).not.toContain('alice');
    }
    for (const body of [
      `{"query":${JSON.stringify(ME)},"query":${JSON.stringify(ME)}}`,
      `{"query":${JSON.stringify(ME)},"identity":"alice","context":{"identity":{"subject":"alice"}}}`,
    ]) {
      const { bytes } = await rawRequest(gateway.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...as('bob') },
        body,
      });
      expect(JSON.parse(bytes.toString())).toEqual({ data: { me: { name: 'bob' } } });
    }
  });

  it('is not known to a subgraph that is not told, so what it answers may be shared', async () => {
    const { gateway, signature } = await startWithAlice();
    await using _gateway = gateway;
    const forged = { ...as('bob'), [IDENTITY_HEADER]: signature };
    expect((await gateway.query('{ seenUser }', undefined, forged)).data).toEqual({ seenUser: 'nobody' });
    expect((await gateway.query('{ seenUser }', undefined, as('alice'))).data).toEqual({
      seenUser: 'nobody',
    });
    expect(gateway.asked('products')).toBe(1);
  });

  it('cannot move characters from one header into another to meet the key of somebody else', async () => {
    const { gateway } = await startWithAlice();
    await using _gateway = gateway;
    const pairs: [string | undefined, string | undefined][] = [
      ['ab', 'c'],
      ['a', 'bc'],
      ['abc', undefined],
      [undefined, 'abc'],
      ['abc', ''],
      ['', 'abc'],
      ['a\n1:b', 'c'],
      ['2:ab', '1:c'],
    ].map(([tenant, region]) => [tenant?.replace('\n', ' '), region]);
    for (let time = 0; time < 2; time++) {
      for (const [tenant, region] of pairs) {
        const { bytes } = await rawRequest(
          ...getOf(gateway.url, '{ seenTenant }', {
            ...(tenant !== undefined && { 'x-tenant': tenant }),
            ...(region !== undefined && { 'x-region': region }),
          }),
        );
        const { data } = JSON.parse(bytes.toString()) as { data: { seenTenant: string } };
        expect(data.seenTenant).toBe(JSON.stringify([tenant, region]));
      }
    }
    expect(gateway.asked('products')).toBe(pairs.length);
  });

  it('cannot make one question look like another by where its text ends', async () => {
    const { gateway } = await startWithAlice();
    await using _gateway = gateway;
    const echo = (text: string) => `{ echo(text: ${JSON.stringify(text)}) }`;
    const texts = ['a', 'a ', 'a\u0000', 'a" }', 'A', 'ä', 'a\u0308'];
    for (let time = 0; time < 2; time++) {
      for (const text of texts) {
        expect((await gateway.query(echo(text))).data).toEqual({ echo: text });
        const query = 'query ($text: String) { echo(text: $text) }';
        expect((await gateway.query(query, { text })).data).toEqual({ echo: text });
      }
    }
  });
});
