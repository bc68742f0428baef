import type { ProductDocument } from './productDocument.js';
import { tagsOf } from './tagsOf.js';

const product: ProductDocument = {
  _id: 'books-1',
  category: 'books',
  sku: 'A-1',
  name: 'Atlas',
  nameSort: 'atlas',
  description: '',
  price: { amountMinor: 100, currency: 'EUR' },
  imageUrls: [],
  tokens: [],
  createdAt: new Date(0),
  updatedAt: new Date(0),
  version: 1,
};
const update = (change: Partial<ProductDocument>) =>
  tagsOf({ operation: 'update', id: 'books-1', before: product, after: { ...product, ...change } });

const ENTITY = 'Product:id=books-1';
const LISTS = ['products:category=', 'products:category=books'];
const SEARCHES = ['searchProducts:category=', 'searchProducts:category=books'];
const BY_SKU = 'productBySku:sku=A-1';

describe('the tags of a change', () => {
  it('are the product alone when no list sorts or filters by what changed', () => {
    expect(update({ description: 'new', imageUrls: ['/images/x.svg'], version: 2 })).toEqual([ENTITY]);
  });

  it('include the lists of its category, and of the shop, when the price changed, but no search', () => {
    expect(update({ price: { amountMinor: 99, currency: 'EUR' } })).toEqual([ENTITY, ...LISTS]);
  });

  it('include searches when the name changed', () => {
    expect(update({ name: 'Globe' })).toEqual([ENTITY, ...LISTS, ...SEARCHES]);
  });

  it.each([
    ['came', { operation: 'insert', id: 'books-1', before: undefined, after: product }],
    ['went', { operation: 'delete', id: 'books-1', before: product, after: undefined }],
  ] as const)('include all of it when the product %s, and the answer by SKU', (_case, change) => {
    expect(tagsOf(change)).toEqual([ENTITY, ...LISTS, ...SEARCHES, BY_SKU]);
  });

  it('include all that the id tells when the images are gone', () => {
    expect(tagsOf({ operation: 'update', id: 'books-1', before: undefined, after: product })).toEqual(
      expect.arrayContaining([ENTITY, ...LISTS, ...SEARCHES]),
    );
    expect(tagsOf({ operation: 'delete', id: 'books-1', before: undefined, after: undefined })).toEqual([
      ENTITY,
      ...LISTS,
      ...SEARCHES,
    ]);
  });
});
