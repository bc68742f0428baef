import {
  createFetchCacheTester,
  entitiesOf,
  products,
} from '../../../test/support/fetchCache/fetchCacheTester.js';

const query = '{product(id:"p1"){name}}';
const answered = (name: string) => ({ data: { product: { name } } });
const named = (name: string, cacheControl: string) => ({
  root: { product: { id: 'p1', sku: 's1', name } },
  cacheControl,
});
const revalidated = 'max-age=10, stale-while-revalidate=30';
const rescued = 'max-age=10, stale-if-error=30';

async function warmed(cacheControl: string) {
  const tester = createFetchCacheTester();
  const first = tester.ask(query);
  await (await tester.source.next()).answer(named('old', cacheControl));
  await first.answer;
  tester.clock.now += 10_000;
  return tester;
}

describe('stale while it is revalidated', () => {
  it('is served at once, loaded anew once, and then fresh', async () => {
    const { ask, source, settle, background, counts } = await warmed(revalidated);
    const stale = [ask(query), ask(query)];
    for (const { answer } of stale) expect(await answer).toEqual(answered('old'));
    expect(stale[0]?.explain).toMatchObject([{ outcome: 'stale' }]);
    await settle();
    expect(source.count).toBe(2);
    expect(await ask(query).answer).toEqual(answered('old'));
    await (await source.next()).answer(named('new', revalidated));
    await background.drain();
    expect(await ask(query).answer).toEqual(answered('new'));
    expect(counts).toMatchObject({ 'products.stale': 3, 'products.stored': 2 });
  });

  it('makes a response that is no longer fresh itself', async () => {
    const { ask, clock } = await warmed(revalidated);
    const { answer, facts } = ask(query);
    await answer;
    expect(facts.toFacts()).toMatchObject({ freshUntil: clock.now, staleUntil: clock.now + 30_000 });
  });

  it('ends with the time allowed for it', async () => {
    const { ask, source, clock } = await warmed(revalidated);
    clock.now += 30_000;
    const { answer } = ask(query);
    await (await source.next()).answer(named('new', revalidated));
    expect(await answer).toEqual(answered('new'));
  });

  it('goes on when revalidation fails, and is tried again by the next', async () => {
    const { ask, source, background, errors } = await warmed(revalidated);
    await ask(query).answer;
    (await source.next()).fail(new Error('down'));
    await background.drain();
    expect(errors).toHaveLength(1);
    expect(await ask(query).answer).toEqual(answered('old'));
    await (await source.next()).answer(named('new', revalidated));
    await background.drain();
    expect(await ask(query).answer).toEqual(answered('new'));
  });

  it('never serves what was purged', async () => {
    const { ask, source, invalidate } = await warmed(revalidated);
    await invalidate('products', ['type:Product']);
    const { answer } = ask(query);
    await (await source.next()).answer(named('new', revalidated));
    expect(await answer).toEqual(answered('new'));
  });

  it('is for each entity of a batch on its own', async () => {
    const { ask, source, clock, background } = createFetchCacheTester();
    const selection = entitiesOf('...on Product{available}');
    const load = async (available: number, ...ids: readonly string[]) => {
      const { answer } = ask(selection, { subgraph: 'inventory', variables: products(...ids) });
      const held = await source.next();
      await held.answer({ entity: ({ id }) => ({ id, available }), cacheControl: revalidated });
      const { data } = await answer;
      await background.drain();
      return [held.request.variables, data?.['_entities']];
    };
    await load(1, 'p1');
    clock.now += 5_000;
    await load(1, 'p2');
    clock.now += 5_000;
    expect(await load(2, 'p1', 'p2')).toEqual([products('p1'), [{ available: 1 }, { available: 1 }]]);
    expect(
      (await ask(selection, { subgraph: 'inventory', variables: products('p1', 'p2') }).answer).data,
    ).toEqual({ _entities: [{ available: 2 }, { available: 1 }] });
  });
});

describe('stale if there is an error', () => {
  it.each<[string, (load: { fail(error: Error): void; respond(response: object): void }) => void]>([
    ['a subgraph is out of reach', (load) => load.fail(new Error('down'))],
    [
      'it answers nothing but an error',
      (load) => load.respond({ data: null, errors: [{ message: 'unwell' }] }),
    ],
    [
      'it answers with its own failure',
      (load) =>
        load.respond({ errors: [{ message: 'unwell', extensions: { code: 'INTERNAL_SERVER_ERROR' } }] }),
    ],
    [
      'its database is away',
      (load) =>
        load.respond({ errors: [{ message: 'away', extensions: { code: 'TEMPORARILY_UNAVAILABLE' } }] }),
    ],
  ])('is served when %s, for all who wait', async (_, break_) => {
    const { ask, source, settle, counts } = await warmed(rescued);
    const asked = [ask(query), ask(query)];
    const load = await source.next();
    await settle();
    break_(load);
    for (const { answer, explain } of asked) {
      expect(await answer).toEqual(answered('old'));
      expect(explain).toMatchObject([{ outcome: 'stale' }]);
    }
    expect(counts).toMatchObject({ 'products.staleIfError': 2 });
  });

  it('is not served when the subgraph answers, as with errors beside data or by refusing', async () => {
    const { ask, source } = await warmed(rescued);
    const first = ask(query);
    await (await source.next()).answer({ ...named('new', ''), errors: [{ message: 'half of it' }] });
    expect(await first.answer).toMatchObject({ data: answered('new').data, errors: [{}] });
    const second = ask(query);
    const errors = [{ message: 'not yours', extensions: { code: 'FORBIDDEN' } }];
    (await source.next()).respond({ data: null, errors });
    expect(await second.answer).toEqual({ data: null, errors });
  });

  it('is not served after its time, nor after a purge, also one during the load', async () => {
    const { ask, source, clock, invalidate } = await warmed(rescued);
    const first = ask(query);
    const load = await source.next();
    await invalidate('products', ['Product:id=p1']);
    load.fail(new Error('down'));
    await expect(first.answer).rejects.toThrow('down');

    const again = ask(query);
    await (await source.next()).answer(named('old', rescued));
    await again.answer;
    clock.now += 40_000;
    const late = ask(query);
    (await source.next()).fail(new Error('down'));
    await expect(late.answer).rejects.toThrow('down');
  });

  it('is not served to a client that wants no cache', async () => {
    const { ask, source } = await warmed(rescued);
    const { answer } = ask(query, { mayRead: false });
    (await source.next()).fail(new Error('down'));
    await expect(answer).rejects.toThrow('down');
  });

  it('stands in for the entities of a batch that failed, with no error left', async () => {
    const { ask, source, clock } = createFetchCacheTester();
    const selection = entitiesOf('...on Product{available}');
    const warm = ask(selection, { subgraph: 'inventory', variables: products('p1') });
    await (await source.next()).answer({ entity: ({ id }) => ({ id, available: 1 }), cacheControl: rescued });
    await warm.answer;
    clock.now += 10_000;
    const { answer } = ask(selection, { subgraph: 'inventory', variables: products('p1', 'p2') });
    await (await source.next()).answer({
      entity: ({ id }) => (id === 'p1' ? new Error('unwell') : { id, available: 2 }),
    });
    expect(await answer).toEqual({ data: { _entities: [{ available: 1 }, { available: 2 }] } });
  });
});
