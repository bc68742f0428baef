import {
  createFetchCacheTester,
  entitiesOf,
  products,
} from '../../../test/support/fetchCache/fetchCacheTester.js';

const p1 = { __typename: 'Product', id: 'p1', sku: 's1', name: 'One' };
const query = '{product(id:"p1"){name}}';
const one = { data: { product: { name: 'One' } } };
const cacheControl = 'max-age=60';

describe('a root fetch', () => {
  it('is loaded once, then kept for as long as the subgraph promised', async () => {
    const { ask, source, clock, counts } = createFetchCacheTester();
    const first = ask(query);
    await (await source.next()).answer({ root: { product: p1 }, cacheControl });
    expect(await first.answer).toEqual(one);

    clock.now += 59_999;
    const second = ask(query);
    expect(await second.answer).toEqual(one);
    expect(source.count).toBe(1);
    expect(second.facts.toFacts()).toEqual(first.facts.toFacts());
    expect(second.facts.toFacts()).toMatchObject({
      createdAt: clock.now - 59_999,
      freshUntil: clock.now + 1,
      scope: 'public',
    });
    expect(second.facts.tags).toContain('Product:id=p1');

    clock.now += 1;
    const third = ask(query);
    await (await source.next()).answer({ root: { product: p1 }, cacheControl });
    await third.answer;
    expect(source.count).toBe(2);
    expect(counts).toEqual({ 'products.miss': 2, 'products.hit': 1, 'products.stored': 2 });
  });

  it('tells which answers this process had before, in memory or under way', async () => {
    const { ask, source, settle } = createFetchCacheTester();
    const [loading, joining] = [ask(query), ask(query)];
    const load = await source.next();
    await settle();
    await load.answer({ root: { product: p1 }, cacheControl });
    await Promise.all([loading.answer, joining.answer]);
    const hitting = ask(query);
    await hitting.answer;
    expect([loading, joining, hitting].map(({ facts }) => facts.isComposed)).toEqual([false, true, true]);
  });

  it('gives everybody a copy of their own', async () => {
    const { ask, source } = createFetchCacheTester();
    const asked = [ask(query), ask(query), ask(query)];
    await (await source.next()).answer({ root: { product: p1 }, cacheControl });
    const answers = await Promise.all([...asked, ask(query)].map(({ answer }) => answer));
    for (const { data } of answers) {
      expect(data).toEqual(one.data);
      (data?.['product'] as { name: string }).name = 'spoilt';
    }
    expect(await ask(query).answer).toEqual(one);
    expect(source.count).toBe(1);
  });

  it.each([
    ['a root fetch', query, {}],
    ['a fetch of entities', entitiesOf('...on Product{sku}'), { variables: products('p1') }],
  ])(
    'of which there is nothing but an error tells it to all who waited, for %s',
    async (_name, text, options) => {
      const { ask, source, settle } = createFetchCacheTester();
      const asked = [ask(text, options), ask(text, options), ask(text, options)];
      const load = await source.next();
      await settle();
      const errors = [{ message: 'not today', extensions: { code: 'CLOSED' } }];
      load.respond({ data: null, errors });
      for (const { answer } of asked) expect(await answer).toEqual({ data: null, errors });
      expect(source.count).toBe(1);
    },
  );

  it('is not sent twice at the same time: others wait for the one that is under way', async () => {
    const { ask, source, settle, counts } = createFetchCacheTester();
    const asked = [ask(query), ask(query)];
    const load = await source.next();
    await settle();
    asked.push(ask(query));
    await settle();
    await load.answer({ root: { product: p1 } });
    for (const { answer } of asked) expect(await answer).toEqual(one);
    expect(source.count).toBe(1);
    expect(counts).toEqual({ 'products.miss': 1, 'products.joined': 2 });
  });

  it('tells the developer who asked how it was answered', async () => {
    const { ask, source, clock, invalidate } = createFetchCacheTester();
    const first = ask(query);
    await (await source.next()).answer({ root: { product: p1 }, cacheControl });
    await first.answer;
    expect(first.explain).toMatchObject([{ subgraph: 'products', outcome: 'miss' }]);
    clock.now += 10_000;
    const second = ask(query);
    await second.answer;
    expect(second.explain).toMatchObject([
      {
        outcome: 'hit',
        records: [{ tier: 'memory', ageMs: 10_000, remainingTtlMs: 50_000, lastPurge: undefined }],
      },
    ]);
    expect(second.explain[0]?.records[0]?.tags).toContain('type:Product');
    await invalidate('products', ['Product:id=p1']);
    const third = ask(query);
    await (await source.next()).answer({ root: { product: p1 }, cacheControl: 'no-store' });
    await third.answer;
    expect(third.explain).toMatchObject([
      {
        outcome: 'miss',
        reason: expect.stringContaining('no-store'),
        records: [{ key: expect.any(String) }],
      },
    ]);
    expect(third.explain[0]?.records[0]?.lastPurge).toMatchObject({ tag: 'Product:id=p1', by: 'feed' });
  });
});

describe('what is never kept', () => {
  it.each([
    ['errors beside data', { root: { product: p1 }, errors: [{ message: 'half of it failed' }] }],
    ['no-store', { root: { product: p1 }, cacheControl: 'max-age=60, no-store' }],
    ['no-cache', { root: { product: p1 }, cacheControl: 'max-age=60, no-cache' }],
    [
      'private, where nobody is told who asks',
      { root: { product: p1 }, cacheControl: 'private, max-age=60' },
    ],
    ['an answer without a time', { root: { product: p1 }, cacheControl: 'public' }],
    ['an answer that is too old', { root: { product: p1 }, cacheControl: 'max-age=60', age: '61' }],
    ['a status that is no success', { root: { product: p1 }, status: 500 }],
    ['tags that cannot be read', { root: { product: p1 }, extensions: { apolloCacheTags: 'x' } }],
  ])('%s', async (_, answer) => {
    const { ask, source } = createFetchCacheTester();
    for (let time = 1; time <= 2; time++) {
      const { answer: answered, facts } = ask(query);
      await (await source.next()).answer({ cacheControl, ...answer });
      expect(await answered).toMatchObject(one);
      expect(facts.toFacts()).toBeUndefined();
      expect(facts.uncacheable).toMatchObject([{ subgraph: 'products', reason: expect.stringMatching(/./) }]);
    }
    expect(source.count).toBe(2);
  });

  it('an answer with more tags than allowed', async () => {
    const { ask, source, store } = createFetchCacheTester({ maxTags: 3 });
    const { answer, facts } = ask(query);
    await (await source.next()).answer({ root: { product: p1 }, cacheControl });
    await answer;
    expect(facts.uncacheable[0]?.reason).toMatch(/more than 3 tags/);
    expect((await store.count(['subgraph:products'])).memory).toBe(0);
  });

  it('a root field that is null, unless the tag of an argument names it; then for a short time', async () => {
    const { ask, source, clock, invalidate } = createFetchCacheTester({ negativeTtlMs: 2_000 });
    for (let time = 1; time <= 2; time++) {
      const { answer } = ask('{featured{product{name}}}');
      await (await source.next()).answer({ root: { featured: null }, cacheControl });
      expect(await answer).toEqual({ data: { featured: null } });
    }
    const load = async () => {
      const { answer } = ask(query);
      await (await source.next()).answer({ root: { product: null }, cacheControl });
      await answer;
    };
    await load();
    clock.now += 1_999;
    expect(await ask(query).answer).toEqual({ data: { product: null } });
    clock.now += 1;
    await load();
    await invalidate('products', ['product:id=p1']);
    await load();
    expect(source.count).toBe(5);
  });
});

describe('what passes by', () => {
  it('mutations, with everything that came with them', async () => {
    const { ask, source } = createFetchCacheTester();
    const mutation = 'mutation{rename(id:"p1",name:"x"){name}}';
    const headers = { 'x-any': 'header' };
    for (let time = 1; time <= 2; time++) {
      const { answer, facts } = ask(mutation, { operationKind: 'mutation', headers });
      const load = await source.next();
      expect(load.request.query).toBe(mutation);
      expect(load.headers).toBe(headers);
      await load.answer({ root: { rename: p1 }, cacheControl });
      await answer;
      expect(facts.uncacheable).toEqual([]);
    }
  });

  it.each([
    ['a subgraph that is switched off', { enabled: false }, true, query],
    ['a subgraph whose invalidations may be missing', {}, false, query],
    ['a query that does not fit the schema that is known', {}, true, '{other{name}}'],
  ])('%s', async (_, settings, isTrusted, text) => {
    const { ask, source, state, counts, settle } = createFetchCacheTester(settings);
    state.isTrusted = isTrusted;
    const asked = [ask(text), ask(text)];
    await settle();
    expect(source.count).toBe(2);
    for (const { answer, facts, explain } of asked) {
      const load = await source.next();
      expect(load.request.query).toBe(text);
      load.respond({ data: { product: null }, http: { cacheControl } });
      expect(await answer).toMatchObject({ data: { product: null } });
      expect(facts.toFacts()).toBeUndefined();
      expect(explain).toMatchObject([{ outcome: 'bypass' }]);
    }
    expect(counts).toEqual({ 'products.bypass': 2 });
  });
});

describe('what the client demands', () => {
  it('no-cache loads anew, waits for no load that began before, and stores', async () => {
    const { ask, source, settle } = createFetchCacheTester();
    const early = ask(query);
    const old = await source.next();
    const anew = ask(query, { mayRead: false });
    const fresh = await source.next();
    await fresh.answer({ root: { product: { ...p1, name: 'New' } }, cacheControl });
    expect(await anew.answer).toEqual({ data: { product: { name: 'New' } } });
    expect(await ask(query).answer).toEqual({ data: { product: { name: 'New' } } });
    const again = ask(query, { mayRead: false });
    await settle();
    expect(source.count).toBe(3);
    await (await source.next()).answer({ root: { product: p1 }, cacheControl });
    await again.answer;
    await old.answer({ root: { product: p1 }, cacheControl });
    expect(await early.answer).toEqual(one);
  });

  it('no-store leaves nothing behind', async () => {
    const { ask, source, store } = createFetchCacheTester();
    const { answer } = ask(query, { mayStore: false });
    await (await source.next()).answer({ root: { product: p1 }, cacheControl });
    await answer;
    expect((await store.count(['subgraph:products'])).memory).toBe(0);
  });
});

describe('a subgraph that cannot answer what was added', () => {
  const nested = '{featured{product{name}}}';
  const data = { featured: { product: { name: 'One' } } };

  it('is asked again as planned, and that query passes by for a while', async () => {
    const { ask, source, clock } = createFetchCacheTester();
    const first = ask(nested);
    const load = await source.next();
    const alias = /(\w+):sku/.exec(load.request.query)?.[1] ?? '';
    load.respond({ data: null, errors: [{ message: 'no sku', path: ['featured', 'product', alias] }] });
    const again = await source.next();
    expect(again.request.query).toBe(nested);
    again.respond({ data, http: { cacheControl } });
    expect(await first.answer).toEqual({ data });
    expect(first.facts.uncacheable[0]?.reason).toMatch(/cannot tell the keys/);

    const second = ask(nested);
    const planned = await source.next();
    expect(planned.request.query).toBe(nested);
    planned.respond({ data });
    await second.answer;

    clock.now += 60_000;
    ask(nested);
    expect((await source.next()).request.query).not.toBe(nested);
  });

  it('is not blamed for a query that it does not accept as planned either', async () => {
    const { ask, source } = createFetchCacheTester();
    const errors = [{ message: 'Cannot query field', extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }];
    const first = ask(nested);
    for (let time = 1; time <= 2; time++) (await source.next()).respond({ errors });
    expect((await first.answer).errors).toEqual(errors);
    ask(nested);
    expect((await source.next()).request.query).not.toBe(nested);
  });
});

describe('answers that are none', () => {
  it.each([
    ['nothing', {}],
    ['null', { data: null }],
    ['a list', { data: [] }],
  ])('%s gives no data, and is not kept', async (_, response) => {
    const { ask, source } = createFetchCacheTester();
    for (let time = 1; time <= 2; time++) {
      const { answer } = ask(query);
      (await source.next()).respond(response as object);
      expect(await answer).toEqual({ data: null });
    }
  });

  it('a wrong number of entities is an error, for a whole batch', async () => {
    const { ask, source } = createFetchCacheTester();
    const { answer } = ask(entitiesOf('...on Product{available}'), {
      subgraph: 'inventory',
      variables: products('p1', 'p2'),
    });
    (await source.next()).respond({ data: { _entities: [{ available: 1 }] }, http: { cacheControl } });
    expect(await answer).toMatchObject({
      data: null,
      errors: [{ extensions: { code: 'SUBGRAPH_RESPONSE_INVALID' } }],
    });
  });

  it('whatever stands where errors should is passed on as errors', async () => {
    const { ask, source } = createFetchCacheTester();
    const { answer, facts } = ask(query);
    (await source.next()).respond({ data: { product: null }, errors: 'broken' } as never);
    expect((await answer).errors).toHaveLength(1);
    expect(facts.toFacts()).toBeUndefined();
  });
});
