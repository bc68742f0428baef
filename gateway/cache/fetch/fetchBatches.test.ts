import {
  createFetchCacheTester,
  entitiesOf,
  products,
} from '../../../test/support/fetchCache/fetchCacheTester.js';

const selection = entitiesOf('...on Product{available}');
const cacheControl = 'max-age=60';
const inventory = (...ids: readonly string[]) =>
  ({ subgraph: 'inventory', variables: products(...ids) }) as const;

/** Of each product as many as the number in its id; of `none…` there is none. */
const entity = ({ id }: Record<string, unknown>) =>
  String(id).startsWith('none') ? null : { id, available: Number(String(id).slice(1)) };
const stock = { entity, cacheControl };
const of = (...numbers: readonly (number | null)[]) =>
  numbers.map((available) => (available === null ? null : { available }));

describe('a batch of entities', () => {
  it('asks only for those that are missing, and answers all of them in their order', async () => {
    const { ask, source, counts } = createFetchCacheTester();
    const first = ask(selection, inventory('p1', 'p3'));
    await (await source.next()).answer(stock);
    await first.answer;
    const second = ask(selection, inventory('p4', 'p3', 'p2', 'p1'));
    const load = await source.next();
    expect(load.request.variables).toEqual(products('p4', 'p2'));
    await load.answer(stock);
    expect(await second.answer).toEqual({ data: { _entities: of(4, 3, 2, 1) } });
    expect(second.explain).toMatchObject([{ outcome: 'partial', records: [{}, {}, {}, {}] }]);
    expect(counts).toMatchObject({ 'inventory.hit': 2, 'inventory.miss': 4, 'inventory.stored': 4 });
    expect(await ask(selection, inventory('p2')).answer).toEqual({ data: { _entities: of(2) } });
    expect(source.count).toBe(2);
  });

  it('keeps each entity for its own time, and the whole only as long as the first of them', async () => {
    const { ask, source, clock } = createFetchCacheTester();
    const first = ask(selection, inventory('p1'));
    await (await source.next()).answer({ entity, cacheControl: 'max-age=10' });
    await first.answer;
    const second = ask(selection, inventory('p1', 'p2'));
    await (await source.next()).answer({ entity, cacheControl: 'max-age=100' });
    await second.answer;
    expect(second.facts.toFacts()?.freshUntil).toBe(clock.now + 10_000);
    clock.now += 10_000;
    ask(selection, inventory('p1', 'p2'));
    expect((await source.next()).request.variables).toEqual(products('p1'));
  });

  it('takes a little off the time of each, at random', async () => {
    const { ask, source, clock } = createFetchCacheTester({ ttlJitter: 0.5 });
    const times = new Set<number>();
    for (const random of [0, 0.25, 1]) {
      clock.random = random;
      const asked = ask(selection, inventory(`p${times.size}`));
      await (await source.next()).answer(stock);
      await asked.answer;
      times.add((asked.facts.toFacts()?.freshUntil ?? 0) - clock.now);
    }
    expect([...times]).toEqual([60_000, 52_500, 30_000]);
  });

  it('waits for the entities that another batch is loading, and loads the rest', async () => {
    const { ask, source, settle, counts } = createFetchCacheTester();
    const first = ask(selection, inventory('p1', 'p2'));
    const one = await source.next();
    const second = ask(selection, inventory('p2', 'p3', 'p1'));
    const two = await source.next();
    const third = ask(selection, inventory('p3', 'p2'));
    await settle();
    expect(source.count).toBe(2);
    expect(two.request.variables).toEqual(products('p3'));
    await two.answer(stock);
    await one.answer(stock);
    expect(await first.answer).toEqual({ data: { _entities: of(1, 2) } });
    expect(await second.answer).toEqual({ data: { _entities: of(2, 3, 1) } });
    expect(await third.answer).toEqual({ data: { _entities: of(3, 2) } });
    expect(third.explain).toMatchObject([{ outcome: 'joined' }]);
    expect(counts).toMatchObject({ 'inventory.miss': 3, 'inventory.joined': 4 });
  });

  it('gives copies to those who waited, and keeps one of its own', async () => {
    const { ask, source } = createFetchCacheTester();
    const asked = [ask(selection, inventory('p1')), ask(selection, inventory('p1'))];
    await (await source.next()).answer(stock);
    for (const { answer } of [...asked, ask(selection, inventory('p1'))]) {
      const { data } = await answer;
      expect(data).toEqual({ _entities: of(1) });
      (data?.['_entities'] as { available: number }[])[0] = { available: -1 };
    }
  });

  it('keeps that there is no such entity, for a short time, under the tags that it would have', async () => {
    const { ask, source, clock, invalidate } = createFetchCacheTester({ negativeTtlMs: 3_000 });
    const first = ask(selection, inventory('none', 'p1'));
    await (await source.next()).answer(stock);
    expect(await first.answer).toEqual({ data: { _entities: of(null, 1) } });
    expect(await ask(selection, inventory('none')).answer).toEqual({ data: { _entities: of(null) } });
    expect(source.count).toBe(1);

    await invalidate('inventory', ['Product:id=none']);
    const created = ask(selection, inventory('none', 'p1'));
    const load = await source.next();
    expect(load.request.variables).toEqual(products('none'));
    await load.answer({ entity: () => ({ id: 'none', available: 9 }), cacheControl });
    expect(await created.answer).toEqual({ data: { _entities: of(9, 1) } });

    const other = ask(selection, inventory('none2'));
    await (await source.next()).answer(stock);
    await other.answer;
    clock.now += 3_000;
    ask(selection, inventory('none2', 'p1'));
    expect((await source.next()).request.variables).toEqual(products('none2'));
  });

  it('tags each entity with its own, and with what the subgraph says of it', async () => {
    const { ask, source, invalidate } = createFetchCacheTester();
    const load = async (...ids: readonly string[]) => {
      const asked = ask(selection, inventory(...ids));
      const held = await source.next();
      const given = held.request.variables?.['representations'] as readonly { id: string }[];
      const entityCacheTags = given.map(({ id }) => [`row:${id}`]);
      await held.answer({ ...stock, extensions: { headgate: { cacheTags: ['all'], entityCacheTags } } });
      await asked.answer;
      return given.map(({ id }) => id);
    };
    expect(await load('p1', 'p2')).toEqual(['p1', 'p2']);
    await invalidate('inventory', ['row:p2']);
    expect(await load('p1', 'p2')).toEqual(['p2']);
    await invalidate('inventory', ['availability:productId=p1']);
    expect(await load('p1', 'p2')).toEqual(['p1']);
    await invalidate('inventory', ['all']);
    expect(await load('p1', 'p2')).toEqual(['p1', 'p2']);
    await invalidate('inventory', ['subgraph:inventory']);
    expect(await load('p1', 'p2')).toEqual(['p1', 'p2']);
  });
});

describe('errors in a batch', () => {
  const broken = ({ id }: Record<string, unknown>) =>
    id === 'p2' ? new Error('broken') : { id, available: 1 };

  it('keep all of it from being stored, and stand where they belong for each who waited', async () => {
    const { ask, source, settle, store } = createFetchCacheTester();
    const warm = ask(selection, inventory('p0'));
    await (await source.next()).answer(stock);
    await warm.answer;

    const first = ask(selection, inventory('p0', 'p1', 'p2'));
    const load = await source.next();
    const second = ask(selection, inventory('p2', 'p0'));
    const third = ask(selection, inventory('p1'));
    await settle();
    expect(source.count).toBe(2);
    await load.answer({ entity: broken, cacheControl });
    const path = (index: number) => ['_entities', index];
    expect(await first.answer).toMatchObject({
      data: { _entities: [...of(0, 1), null] },
      errors: [{ message: 'broken', path: path(2) }],
    });
    expect(await second.answer).toMatchObject({
      data: { _entities: [null, ...of(0)] },
      errors: [{ message: 'broken', path: path(0) }],
    });
    expect(await third.answer).toEqual({ data: { _entities: of(1) } });
    expect(third.facts.toFacts()).toBeUndefined();
    expect((await store.count(['subgraph:inventory'])).memory).toBe(1);
  });

  it.each([
    ['no entity', {}],
    ['one before the first', { path: ['_entities', -1] }],
    ['half of one', { path: ['_entities', 0.5, 'available'] }],
    ['one that nobody asked for', { path: ['_entities', 7, 'available'] }],
  ])('that name %s go to everybody, and nowhere in particular', async (_what, where) => {
    const { ask, source, settle } = createFetchCacheTester();
    const asked = [ask(selection, inventory('p1', 'p2')), ask(selection, inventory('p2'))];
    const load = await source.next();
    await settle();
    await load.answer({ ...stock, errors: [{ message: 'unwell', ...where }] });
    for (const { answer } of asked)
      expect((await answer).errors).toEqual([{ message: 'unwell', path: undefined }]);
  });

  it('of a subgraph that is out of reach leave what is kept', async () => {
    const { ask, source } = createFetchCacheTester();
    const warm = ask(selection, inventory('p1'));
    await (await source.next()).answer(stock);
    await warm.answer;
    const second = ask(selection, inventory('p2', 'p1'));
    (await source.next()).fail(
      Object.assign(new Error('down'), { extensions: { code: 'SUBGRAPH_UNAVAILABLE' } }),
    );
    expect(await second.answer).toEqual({
      data: { _entities: of(null, 1) },
      errors: [{ message: 'down', extensions: { code: 'SUBGRAPH_UNAVAILABLE' } }],
    });
    expect(second.facts.toFacts()).toBeUndefined();
  });

  it('of a subgraph that is out of reach are the rejection that they would be without a cache', async () => {
    const { ask, source, settle } = createFetchCacheTester();
    const asked = [ask(selection, inventory('p1')), ask(selection, inventory('p1'))];
    const load = await source.next();
    await settle();
    const down = new Error('down');
    load.fail(down);
    for (const { answer } of asked) await expect(answer).rejects.toBe(down);
    ask(selection, inventory('p1'));
    await source.next();
    expect(source.count).toBe(2);
  });
});
