import type { OperationTime } from '../../../platform/database/operationTime.js';
import {
  createFetchCacheTester,
  entitiesOf,
  products,
} from '../../../test/support/fetchCache/fetchCacheTester.js';

const query = '{product(id:"p1"){name}}';
const cacheControl = 'max-age=60, stale-while-revalidate=60';
const named = (name: string) => ({ root: { product: { id: 'p1', sku: 's1', name } }, cacheControl });
const answered = (name: string) => ({ data: { product: { name } } });
const tags = ['Product:id=p1'];

describe('an invalidation during a load', () => {
  it('lets those who waited have the old value, and nobody else: not those who ask during it, not those after', async () => {
    const { ask, source, invalidate, counts } = createFetchCacheTester();
    const [first, joined] = [ask(query), ask(query)];
    const old = await source.next();
    await invalidate('products', tags);
    const during = ask(query);
    const fresh = await source.next();
    await old.answer(named('old'));
    expect(await first.answer).toEqual(answered('old'));
    expect(await joined.answer).toEqual(answered('old'));
    await fresh.answer(named('new'));
    expect(await during.answer).toEqual(answered('new'));
    expect(await ask(query).answer).toEqual(answered('new'));
    expect(source.count).toBe(2);
    expect(counts).toMatchObject({ 'products.refused': 1, 'products.stored': 1 });
  });

  it('is not overtaken by an old load that ends after the new one', async () => {
    const { ask, source, invalidate } = createFetchCacheTester();
    const first = ask(query);
    const old = await source.next();
    await invalidate('products', tags);
    const second = ask(query);
    await (await source.next()).answer(named('new'));
    await second.answer;
    await old.answer(named('old'));
    expect(await first.answer).toEqual(answered('old'));
    expect(await ask(query).answer).toEqual(answered('new'));
  });

  it('does not keep the end of an old load from joining requests to the new one', async () => {
    const { ask, source, invalidate, settle } = createFetchCacheTester();
    const first = ask(query);
    const old = await source.next();
    await invalidate('products', tags);
    const second = ask(query);
    const fresh = await source.next();
    await old.answer(named('old'));
    await first.answer;
    const third = ask(query);
    await settle();
    expect(source.count).toBe(2);
    await fresh.answer(named('new'));
    expect(await second.answer).toEqual(answered('new'));
    expect(await third.answer).toEqual(answered('new'));
  });

  it('of something else does not keep the load from being stored, but nobody new waits for it', async () => {
    const { ask, source, invalidate } = createFetchCacheTester();
    const first = ask(query);
    const early = await source.next();
    await invalidate('products', ['Product:id=p2']);
    const second = ask(query);
    const late = await source.next();
    await early.answer(named('same'));
    await first.answer;
    expect(await ask(query).answer).toEqual(answered('same'));
    await late.answer(named('same'));
    await second.answer;
    expect(source.count).toBe(2);
  });

  it('of another subgraph leaves the load open to all', async () => {
    const { ask, source, invalidate, settle } = createFetchCacheTester();
    const first = ask(query);
    const load = await source.next();
    await invalidate('inventory', ['availability:productId=p1']);
    const second = ask(query);
    await settle();
    expect(source.count).toBe(1);
    await load.answer(named('one'));
    expect(await first.answer).toEqual(await second.answer);
  });

  it('of everything closes the loads of every subgraph', async () => {
    const { ask, source, cache, settle } = createFetchCacheTester();
    ask(query);
    await source.next();
    cache.closeLoads();
    ask(query);
    await settle();
    expect(source.count).toBe(2);
  });
});

describe('an invalidation during the load of a batch', () => {
  const selection = entitiesOf('...on Product{available}');
  const ask2 = { subgraph: 'inventory', variables: products('p1', 'p2') } as const;
  const stock = (available: number) => ({
    entity: ({ id }: { id?: unknown }) => ({ id, available }),
    cacheControl,
  });

  it('of one of its entities refuses that one alone', async () => {
    const { ask, source, invalidate } = createFetchCacheTester();
    const first = ask(selection, ask2);
    const load = await source.next();
    await invalidate('inventory', ['availability:productId=p1']);
    await load.answer(stock(1));
    expect(await first.answer).toEqual({ data: { _entities: [{ available: 1 }, { available: 1 }] } });

    const second = ask(selection, ask2);
    const again = await source.next();
    expect(again.request.variables).toEqual(products('p1'));
    await again.answer(stock(2));
    expect(await second.answer).toEqual({ data: { _entities: [{ available: 2 }, { available: 1 }] } });
  });

  it('lets nobody join any part of it', async () => {
    const { ask, source, invalidate } = createFetchCacheTester();
    const first = ask(selection, ask2);
    const old = await source.next();
    await invalidate('inventory', ['availability:productId=p1']);
    const second = ask(selection, ask2);
    const fresh = await source.next();
    expect(fresh.request.variables).toEqual(products('p1', 'p2'));
    await fresh.answer(stock(2));
    await old.answer(stock(1));
    expect(await first.answer).toMatchObject({ data: { _entities: [{ available: 1 }, { available: 1 }] } });
    expect(await second.answer).toMatchObject({ data: { _entities: [{ available: 2 }, { available: 2 }] } });
  });
});

describe('an invalidation during a revalidation in the background', () => {
  it('refuses what it brings, and the stale value is gone as well', async () => {
    const { ask, source, clock, invalidate, background } = createFetchCacheTester();
    const first = ask(query);
    await (await source.next()).answer(named('old'));
    await first.answer;
    clock.now += 61_000;
    expect(await ask(query).answer).toEqual(answered('old'));
    const revalidation = await source.next();
    await invalidate('products', tags);
    const later = ask(query);
    const fresh = await source.next();
    await revalidation.answer(named('old'));
    await background.drain();
    await fresh.answer(named('new'));
    expect(await later.answer).toEqual(answered('new'));
    expect(await ask(query).answer).toEqual(answered('new'));
  });
});

describe('how new a load must be', () => {
  const at = (time: string) => `rs@00000000000000${time}` as OperationTime;

  it('is the latest change that is known of its subgraph', async () => {
    const { ask, source, invalidate } = createFetchCacheTester();
    ask(query);
    expect((await source.next()).headers).toEqual({});
    await invalidate('products', tags, at('0a'));
    ask(query);
    expect((await source.next()).headers).toEqual({ 'headgate-after': at('0a') });
    ask(entitiesOf('...on Product{available}'), { subgraph: 'inventory', variables: products('p1') });
    expect((await source.next()).headers).toEqual({});
  });

  it('is what the client has seen: it gets nothing kept, and joins no load that knows less', async () => {
    const { ask, source } = createFetchCacheTester();
    const first = ask(query);
    await (await source.next()).answer(named('old'));
    await first.answer;
    const second = ask(query, { mustSee: at('0f') });
    const load = await source.next();
    expect(load.headers).toEqual({ 'headgate-after': at('0f') });
    const third = ask(query, { mustSee: at('0f') });
    const another = await source.next();
    await another.answer(named('new'));
    await load.answer(named('new'));
    expect(await third.answer).toEqual(answered('new'));
    expect(await second.answer).toEqual(answered('new'));
    expect(await ask(query).answer).toEqual(answered('new'));
  });
});

describe('a request that must not be stored', () => {
  it('is joined by none that would keep what it brings', async () => {
    const { ask, source, settle } = createFetchCacheTester();
    const unstored = ask(query, { mayRead: false, mayStore: false });
    const first = await source.next();
    const other = ask(query);
    await settle();
    expect(source.count).toBe(2);
    await first.answer(named('for one'));
    await (await source.next()).answer(named('for all'));
    expect(await unstored.answer).toEqual(answered('for one'));
    expect(await other.answer).toEqual(answered('for all'));
    expect(await ask(query).answer).toEqual(answered('for all'));
  });
});

describe('a client that goes away', () => {
  it('does not fail those who wait for the load that it began', async () => {
    const { ask, source } = createFetchCacheTester();
    const gone = new AbortController();
    const first = ask(query, { signal: gone.signal });
    const load = await source.next();
    const second = ask(query);
    const third = ask(query, { signal: new AbortController().signal });
    await new Promise(setImmediate);
    gone.abort(new Error('gone'));
    await expect(first.answer).rejects.toThrow('gone');
    expect(load.request.signal?.aborted).toBe(false);
    await load.answer(named('one'));
    expect(await second.answer).toEqual(answered('one'));
    expect(await third.answer).toEqual(answered('one'));
  });

  it('takes the load with it when nobody waits any more; who comes then loads anew', async () => {
    const { ask, source } = createFetchCacheTester();
    const gone = [new AbortController(), new AbortController()];
    const asked = gone.map(({ signal }) => ask(query, { signal }));
    const load = await source.next();
    await new Promise(setImmediate);
    for (const controller of gone) controller.abort(new Error('gone'));
    for (const { answer } of asked) await expect(answer).rejects.toThrow('gone');
    expect(load.request.signal?.aborted).toBe(true);
    const later = ask(query);
    await (await source.next()).answer(named('new'));
    expect(await later.answer).toEqual(answered('new'));
  });

  it('does not end a revalidation that it caused', async () => {
    const { ask, source, clock, background } = createFetchCacheTester();
    const first = ask(query);
    await (await source.next()).answer(named('old'));
    await first.answer;
    clock.now += 61_000;
    const gone = new AbortController();
    await ask(query, { signal: gone.signal }).answer;
    gone.abort();
    const load = await source.next();
    expect(load.request.signal?.aborted).toBe(false);
    await load.answer(named('new'));
    await background.drain();
    expect(await ask(query).answer).toEqual(answered('new'));
  });

  it('before it asked gets nothing loaded', async () => {
    const { ask, source, settle } = createFetchCacheTester();
    await expect(ask(query, { signal: AbortSignal.abort(new Error('gone')) }).answer).rejects.toThrow('gone');
    await settle();
    expect(source.count).toBe(0);
    const later = ask(query);
    await (await source.next()).answer(named('one'));
    expect(await later.answer).toEqual(answered('one'));
  });
});

describe('the time of a request', () => {
  it('that is over with its load fails it alone: those who joined and have more load again, and once', async () => {
    const { ask, source, settle } = createFetchCacheTester();
    const hurried = ask(query, { deadlineAt: performance.now() });
    const load = await source.next();
    const others = [ask(query, { deadlineAt: performance.now() + 60_000 }), ask(query)];
    await settle();
    load.fail(new Error('no time left'));
    await expect(hurried.answer).rejects.toThrow('no time left');
    await (await source.next()).answer(named('one'));
    for (const { answer } of others) expect(await answer).toEqual(answered('one'));
    expect(source.count).toBe(2);
  });

  it('that is not over is not why its load failed: nobody loads again', async () => {
    const { ask, source, settle } = createFetchCacheTester();
    const asked = [ask(query, { deadlineAt: performance.now() + 60_000 }), ask(query)];
    const load = await source.next();
    await settle();
    load.fail(new Error('down'));
    for (const { answer } of asked) await expect(answer).rejects.toThrow('down');
    expect(source.count).toBe(1);
  });
});
