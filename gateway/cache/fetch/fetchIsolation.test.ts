import { createFetchCacheTester } from '../../../test/support/fetchCache/fetchCacheTester.js';

const query = '{product(id:"p1"){name}}';
const named = (name: string, cacheControl = 'max-age=60') => ({
  root: { product: { id: 'p1', sku: 's1', name } },
  cacheControl,
});
const answered = (name: string) => ({ data: { product: { name } } });
const as = (who: string) => ({ identityKey: who, headers: { 'headgate-identity': who } });

describe('a subgraph that is told who asks', () => {
  it('has its answers kept and shared per identity, and among those without one', async () => {
    const { ask, source, settle } = createFetchCacheTester({ forwardIdentity: true });
    const clients = [as('ann'), as('bob'), {}];
    const asked = [...clients, ...clients].map((client) => ask(query, client));
    await settle();
    expect(source.count).toBe(3);
    for (const _ of clients) {
      const load = await source.next();
      await load.answer(named(load.headers['headgate-identity'] ?? 'nobody'));
    }
    const expected = ['ann', 'bob', 'nobody', 'ann', 'bob', 'nobody'].map(answered);
    expect(await Promise.all(asked.map(({ answer }) => answer))).toEqual(expected);
    const again = clients.map((client) => ask(query, client));
    expect(await Promise.all(again.map(({ answer }) => answer))).toEqual(expected.slice(0, 3));
    expect(source.count).toBe(3);
    expect(again.map(({ facts }) => facts.identityBound)).toEqual([true, true, true]);
  });

  it('has what it calls private kept for that identity, and for nobody when there is none', async () => {
    const { ask, source } = createFetchCacheTester({ forwardIdentity: true });
    const first = ask(query, as('ann'));
    await (await source.next()).answer(named('ann', 'private, max-age=60'));
    await first.answer;
    expect(first.facts.toFacts()).toMatchObject({ scope: 'private' });
    expect(await ask(query, as('ann')).answer).toEqual(answered('ann'));
    for (let time = 1; time <= 2; time++) {
      const { answer, facts } = ask(query);
      await (await source.next()).answer(named('nobody', 'private, max-age=60'));
      expect(await answer).toEqual(answered('nobody'));
      expect(facts.toFacts()).toBeUndefined();
    }
    expect(source.count).toBe(3);
  });

  it('is passed by when it would be told an identity that no key has', async () => {
    const { ask, source } = createFetchCacheTester({ forwardIdentity: true });
    for (const who of ['ann', 'bob']) {
      const { answer, facts } = ask(query, { headers: { 'headgate-identity': who } });
      await (await source.next()).answer(named(who));
      expect(await answer).toMatchObject(answered(who));
      expect(facts.toFacts()).toBeUndefined();
    }
  });
});

describe('a subgraph that is not told who asks', () => {
  it('has its answers shared by all, and never sees an identity', async () => {
    const { ask, source, settle } = createFetchCacheTester();
    const asked = [ask(query, as('ann')), ask(query, as('bob')), ask(query)];
    await settle();
    const load = await source.next();
    expect(load.headers).toEqual({});
    await load.answer(named('all'));
    for (const { answer, facts } of asked) {
      expect(await answer).toEqual(answered('all'));
      expect(facts.identityBound).toBe(false);
    }
    expect(source.count).toBe(1);
  });

  it.each(['private, max-age=60', 'no-store', 'max-age=0'])(
    'and says %s: those who waited ask for themselves, and from then on nobody waits',
    async (cacheControl) => {
      const { ask, source, settle } = createFetchCacheTester();
      const asked = ['first', 'second', 'third'].map((name) => ({ name, ...ask(query, as(name)) }));
      const first = await source.next();
      await settle();
      expect(source.count).toBe(1);
      await first.answer(named('first', cacheControl));
      for (const name of ['second', 'third']) await (await source.next()).answer(named(name, cacheControl));
      for (const { name, answer, facts } of asked) {
        expect(await answer).toEqual(answered(name));
        expect(facts.toFacts()).toBeUndefined();
      }
      const later = [ask(query), ask(query)];
      await settle();
      expect(source.count).toBe(5);
      for (const { answer } of later) {
        await (await source.next()).answer(named('public now'));
        expect(await answer).toEqual(answered('public now'));
      }
      expect(await ask(query).answer).toEqual(answered('public now'));
    },
  );
});

describe('a fetch that passes the cache by', () => {
  it.each([
    ['private, max-age=60', false, true],
    ['no-store', false, true],
    ['max-age=0', false, true],
    ['max-age=60', false, false],
    // Those who wait for a whole answer are of one identity.
    ['private, max-age=60', true, false],
    ['no-store', true, true],
  ])(
    'and says %s (told who asks: %s) is for whoever asked alone: %s',
    async (cacheControl, forwardIdentity, apart) => {
      const { ask, source, state } = createFetchCacheTester({ forwardIdentity });
      state.isTrusted = false;
      const { answer, facts } = ask(query, as('ann'));
      await (await source.next()).answer(named('ann', cacheControl));
      expect(await answer).toMatchObject(answered('ann'));
      expect(facts.apart).toBe(apart);
    },
  );
});

describe('headers that the subgraph is sent', () => {
  it('are part of the key, and no other header is sent', async () => {
    const { ask, source } = createFetchCacheTester({ propagateHeaders: ['accept-language', 'x-a', 'x-b'] });
    const clients = [
      { 'accept-language': 'de', 'x-other': '1' },
      { 'accept-language': 'en', 'x-other': '2' },
      {},
      { 'x-a': '1', 'x-b': '2' },
      { 'x-a': '1,x-b:2' },
      { 'x-a': '2', 'x-b': '1' },
      { 'accept-language': '' },
    ];
    for (const [index, headers] of clients.entries()) {
      const { answer } = ask(query, { headers });
      const load = await source.next();
      expect(load.headers).not.toHaveProperty('x-other');
      await load.answer(named(`${index}`));
      await answer;
    }
    for (const [index, headers] of clients.entries()) {
      const changed = { ...headers, 'x-other': 'yet another', 'x-request-id': `${index}` };
      expect(await ask(query, { headers: changed }).answer).toEqual(answered(`${index}`));
    }
    expect(source.count).toBe(clients.length);
  });
});

describe('tricks', () => {
  it('with aliases, literals and variables never give the answer to another question', async () => {
    const { ask, source } = createFetchCacheTester();
    const questions: [string, Record<string, unknown>?][] = [
      ['{product(id:"p1"){name}}'],
      ['{product(id:"p2"){name}}'],
      ['{product(id:"p1"){name:sku}}'],
      ['{name:product(id:"p1"){name}}'],
      ['{product(id:"p1"){__typename:name}}'],
      ['query($id:ID!){product(id:$id){name}}', { id: 'p1' }],
      ['query($id:ID!){product(id:$id){name}}', { id: 'p2' }],
      ['query($id:ID!){product(id:$id){name}}', { id: 'p1', other: 'x' }],
      ['query($id:ID="p1"){product(id:$id){name}}', {}],
      ['query($id:ID="p2"){product(id:$id){name}}', {}],
    ];
    const answers = [];
    for (const [index, [text, variables]] of questions.entries()) {
      const { answer } = ask(text, variables ? { variables } : {});
      await (await source.next()).answer(named(`${index}`));
      answers.push(await answer);
    }
    for (const [index, [text, variables]] of questions.entries()) {
      expect(await ask(text, variables ? { variables } : {}).answer).toEqual(answers[index]);
    }
    expect(source.count).toBe(questions.length);
  });

  it('with names in the answer leave prototypes alone', async () => {
    const { ask, source } = createFetchCacheTester();
    const tricky = '{__proto__:product(id:"p1"){constructor:name __proto__:name toString:sku}}';
    const expected = '{"__proto__":{"constructor":"n","__proto__":"n","toString":"s1"}}';
    const first = ask(tricky);
    await (await source.next()).answer(named('n'));
    expect(JSON.stringify((await first.answer).data)).toBe(expected);
    expect(JSON.stringify((await ask(tricky).answer).data)).toBe(expected);
    expect(first.facts.tags).toContain('Product:id=p1');
    expect(source.count).toBe(1);
  });
});
