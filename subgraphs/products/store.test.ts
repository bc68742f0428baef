import type { Database } from '../../platform/database/database.js';
import { onBothDatabases } from '../../test/support/onBothDatabases.js';
import { type ConnectionSort, encodeCursor, readPage } from '../shared/connection.js';
import { PRODUCTS_COLLECTIONS } from './collections.js';
import type { ProductDocument } from './productDocument.js';
import { PRODUCT_SORTS, SEARCH_SORT } from './productSorts.js';
import { queryTokens } from './searchTokens.js';
import { createProductStore, type ProductDraft, type ProductStore } from './store.js';

const START = Date.UTC(2025, 0, 1);

/** Each product is a minute younger than the one before. */
function storeOn(database: Database): ProductStore {
  let minutes = 0;
  let suffix = 0;
  return createProductStore({
    database,
    clock: () => new Date(START + minutes++ * 60_000),
    newSuffix: () => String(++suffix).padStart(4, '0'),
  });
}

const draft = (sku: string, change: Partial<ProductDraft> = {}): ProductDraft => ({
  category: 'books',
  sku,
  name: `Book ${sku}`,
  description: '',
  price: { amountMinor: 1_000, currency: 'EUR' },
  imageUrls: [],
  ...change,
});

async function create(store: ProductStore, sku: string, change?: Partial<ProductDraft>) {
  const product = await store.create(draft(sku, change), {});
  if (!product) throw new Error(`${sku} is taken`);
  return product;
}

async function readAll(
  store: ProductStore,
  sort: ConnectionSort<ProductDocument>,
  query: { category?: string; afterPage?: (page: number) => Promise<void> } = {},
): Promise<ProductDocument[]> {
  const all: ProductDocument[] = [];
  let after: string | undefined;
  for (let pageNumber = 1; ; pageNumber++) {
    const page = readPage({ first: 3, after }, sort);
    const found = await store.list({ category: query.category, filter: {}, page }, {});
    all.push(...found.slice(0, 3));
    if (found.length < page.limit) return all;
    await query.afterPage?.(pageNumber);
    after = encodeCursor(sort, all.at(-1) as ProductDocument);
  }
}

onBothDatabases('the product store', (open) => {
  let store: ProductStore;
  beforeEach(async () => {
    store = storeOn(await open(PRODUCTS_COLLECTIONS));
  });

  describe('reading by id', () => {
    it('answers in the order of the ids, null for what is unknown or no product id', async () => {
      const a = await create(store, 'A');
      const b = await create(store, 'B', { category: 'garden' });
      const found = await store.byIds([b._id, 'books-none', 'nonsense', '', a._id, b._id], {});
      expect(found.map((product) => product?.sku ?? null)).toEqual(['B', null, null, null, 'A', 'B']);
    });
  });

  describe('lists', () => {
    beforeEach(async () => {
      // Prices and names repeat, so that ties have to be broken.
      for (let index = 0; index < 10; index++) {
        await create(store, `S${index}`, {
          name: `Name ${'cab'[index % 3]}`,
          price: { amountMinor: (index % 4) * 100, currency: 'EUR' },
          category: index === 9 ? 'garden' : 'books',
        });
      }
    });

    it.each(Object.values(PRODUCT_SORTS).map((sort) => [sort.name, sort] as const))(
      'read page by page in the order %s give everything once, in order',
      async (_name, sort) => {
        const all = await readAll(store, sort);
        expect(new Set(all.map(({ _id }) => _id)).size).toBe(10);
        expect(all).toHaveLength(10);
        const keys = all.map((product) => [sort.valueOf(product), product._id] as const);
        const inOrder = [...keys].sort(([a, x], [b, y]) => {
          const order = a < b ? -1 : a > b ? 1 : x < y ? -1 : 1;
          return order * sort.direction;
        });
        expect(keys).toEqual(inOrder);
      },
    );

    it('of one category leave out all others', async () => {
      const books = await readAll(store, PRODUCT_SORTS.NEWEST, { category: 'books' });
      expect(books.map(({ sku }) => sku)).toEqual(['S8', 'S7', 'S6', 'S5', 'S4', 'S3', 'S2', 'S1', 'S0']);
      const garden = await readAll(store, PRODUCT_SORTS.NEWEST, { category: 'garden' });
      expect(garden.map(({ sku }) => sku)).toEqual(['S9']);
    });

    it.each(Object.values(PRODUCT_SORTS).map((sort) => [sort.name, sort] as const))(
      'neither repeat nor skip what was there from the beginning while products come in, in the order %s',
      async (_name, sort) => {
        const before = (await readAll(store, sort)).map(({ sku }) => sku);
        const during = await readAll(store, sort, {
          async afterPage(page) {
            if (page > 3) return;
            await create(store, `LOW${page}`, { name: 'Aaa', price: { amountMinor: 0, currency: 'EUR' } });
            await create(store, `HIGH${page}`, { name: 'Zzz', price: { amountMinor: 999, currency: 'EUR' } });
          },
        });
        expect(during.map(({ sku }) => sku).filter((sku) => before.includes(sku))).toEqual(before);
      },
    );

    it('filter by price, both ends included, also behind a cursor by price', async () => {
      const sort = PRODUCT_SORTS.PRICE_DESC;
      const filter = { minPriceMinor: 100, maxPriceMinor: 200 };
      const first = await store.list({ category: undefined, filter, page: readPage({ first: 4 }, sort) }, {});
      const after = encodeCursor(sort, first[3] as ProductDocument);
      const rest = await store.list({ category: undefined, filter, page: readPage({ after }, sort) }, {});
      const prices = [...first.slice(0, 4), ...rest].map(({ price }) => price.amountMinor);
      expect(prices).toEqual([200, 200, 100, 100, 100]);
    });

    it('find by search what has every word, in order of name', async () => {
      await create(store, 'X1', { name: 'Blue Wireless Lamp' });
      await create(store, 'X2', { name: 'A Wireless Lantern', category: 'garden' });
      await create(store, 'X3', { name: 'Wired Lamp' });
      const search = async (text: string, category?: string) => {
        const found = await store.search(
          { category, tokens: queryTokens(text), page: readPage({}, SEARCH_SORT) },
          {},
        );
        return found.map(({ sku }) => sku);
      };
      expect(await search('la wireless')).toEqual(['X2', 'X1']);
      expect(await search('la wireless', 'books')).toEqual(['X1']);
      expect(await search('x3')).toEqual(['X3']);
      expect(await search('wireless nothing')).toEqual([]);
    });
  });

  describe('updating', () => {
    it('changes what is given, counts the version, and tells both images', async () => {
      const created = await create(store, 'A', { description: 'old' });
      const result = await store.update(created._id, { name: 'Ünique' }, undefined, {});
      expect(result).toMatchObject({
        outcome: 'updated',
        before: { name: 'Book A', version: 1 },
        after: { name: 'Ünique', nameSort: 'unique', description: 'old', version: 2 },
      });
      const [stored] = await store.byIds([created._id], {});
      expect(result).toMatchObject({ after: stored });
      expect(stored?.tokens).toEqual(expect.arrayContaining(['uniq', 'a']));
      expect(stored?.tokens).not.toContain('book');
      expect(stored?.updatedAt.getTime()).toBeGreaterThan(created.updatedAt.getTime());
      expect(stored?.createdAt).toEqual(created.createdAt);
    });

    it('lets exactly one of many win who expect the same version', async () => {
      const { _id } = await create(store, 'A');
      const results = await Promise.all(
        Array.from({ length: 10 }, (_, index) => store.update(_id, { description: `${index}` }, 1, {})),
      );
      expect(results.filter(({ outcome }) => outcome === 'updated')).toHaveLength(1);
      expect(results.filter(({ outcome }) => outcome === 'otherVersion')).toHaveLength(9);
      expect((await store.byIds([_id], {}))[0]?.version).toBe(2);
    });

    it.each(['books-none', 'nonsense'])('finds nothing under %p', async (id) => {
      expect(await store.update(id, { name: 'New' }, undefined, {})).toEqual({ outcome: 'notFound' });
      expect(await store.update(id, { description: 'New' }, 1, {})).toEqual({ outcome: 'notFound' });
    });
  });

  describe('deleting', () => {
    it('tells what went, and frees the SKU', async () => {
      const { _id } = await create(store, 'A');
      expect(await store.delete(_id, {})).toMatchObject({ _id, sku: 'A' });
      expect(await store.delete(_id, {})).toBeNull();
      expect(await store.idOfSku('A', {})).toBeUndefined();
      expect((await create(store, 'A'))._id).not.toBe(_id);
    });
  });

  it('moves the time of the request forward with each write', async () => {
    const causal: { last?: string } = {};
    await store.create(draft('A'), causal as never);
    const afterFirst = causal.last;
    expect(afterFirst).toEqual(expect.any(String));
    await store.create(draft('B'), causal as never);
    expect((causal.last as string) > (afterFirst as string)).toBe(true);
  });
});
