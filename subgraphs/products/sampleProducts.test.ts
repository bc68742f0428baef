import { createEmbeddedDatabase } from '../../platform/database/embedded/embeddedDatabase.js';
import { SAMPLE_CATEGORIES, sampleProductIds } from '../shared/sampleIds.js';
import { PRODUCTS_COLLECTION, PRODUCTS_COLLECTIONS, SKUS_COLLECTION } from './collections.js';
import { loadSampleProducts } from './loadSampleProducts.js';
import { sampleImageName } from './sampleImage.js';
import { sampleProducts } from './sampleProducts.js';

describe('the sample products', () => {
  const products = sampleProducts();
  const distinct = (values: readonly unknown[]) => new Set(values).size;

  it('are 3,000 in 12 categories, the same each time', () => {
    expect(products).toHaveLength(3_000);
    expect(distinct(products.map(({ category }) => category))).toBe(12);
    expect(products.map(({ id }) => id)).toEqual(sampleProductIds());
    expect(sampleProducts()).toEqual(products);
  });

  it('differ in SKU, time and picture, and in name within a category', () => {
    expect(distinct(products.map(({ sku }) => sku))).toBe(3_000);
    expect(distinct(products.map(({ createdAt }) => createdAt.getTime()))).toBe(3_000);
    expect(distinct(products.map(sampleImageName))).toBe(3_000);
    for (const category of SAMPLE_CATEGORIES) {
      const names = products.filter((product) => product.category === category).map(({ name }) => name);
      expect(distinct(names)).toBe(250);
    }
  });

  it('are complete, with prices above nothing', () => {
    for (const { name, description, amountMinor } of products) {
      expect(name).not.toMatch(/undefined/);
      expect(description).toContain(name);
      expect(amountMinor).toBeGreaterThan(0);
    }
  });

  it('are loaded beside what is there, without touching it', async () => {
    const database = createEmbeddedDatabase({ name: 'test' });
    await database.ensure(PRODUCTS_COLLECTIONS);
    await loadSampleProducts(database, 'EUR');
    const collection = database.collection(PRODUCTS_COLLECTION);
    await collection.updateOne({ category: 'books', _id: 'books-0001' }, { $set: { name: 'Mine' } });
    await loadSampleProducts(database, 'EUR');
    expect(await collection.count({})).toBe(3_000);
    expect(await database.collection(SKUS_COLLECTION).count({ state: 'confirmed' })).toBe(3_000);
    expect(await collection.findOne({ category: 'books', _id: 'books-0001' })).toMatchObject({
      name: 'Mine',
    });
    await database.close();
  });
});
