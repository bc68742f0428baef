import type {
  Collection,
  CollectionDefinition,
  Database,
  StoredDocument,
} from '../../platform/database/database.js';
import { onBothDatabases } from '../../test/support/onBothDatabases.js';
import { PRODUCTS_COLLECTION, PRODUCTS_COLLECTIONS, SKUS_COLLECTION } from './collections.js';
import type { ProductDocument, SkuDocument } from './productDocument.js';
import { RESERVATION_GRACE_MS } from './skuReservations.js';
import { createProductStore, type ProductDraft, type ProductStore } from './store.js';

const draft: ProductDraft = {
  category: 'books',
  sku: 'A',
  name: 'Atlas',
  description: '',
  price: { amountMinor: 1, currency: 'EUR' },
  imageUrls: [],
};

onBothDatabases('a SKU', (open) => {
  let database: Database;
  let now: number;
  let store: ProductStore;
  let skus: Collection<SkuDocument>;
  let products: Collection<ProductDocument>;

  beforeEach(async () => {
    database = await open(PRODUCTS_COLLECTIONS);
    now = Date.UTC(2025, 0, 1);
    store = createProductStore({ database, clock: () => new Date(now) });
    skus = database.collection(SKUS_COLLECTION);
    products = database.collection(PRODUCTS_COLLECTION);
  });

  const leftBehind = (state: SkuDocument['state']) =>
    skus.insertOne({ _id: 'A', productId: 'books-dead', state, reservedAt: new Date(now) });

  it('goes to exactly one of many who want it at once, over all categories', async () => {
    const results = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        store.create({ ...draft, category: index % 2 ? 'books' : 'garden' }, {}),
      ),
    );
    expect(results.filter((product) => product !== undefined)).toHaveLength(1);
    expect(await products.count({ sku: 'A' })).toBe(1);
    expect(await skus.findOne({ _id: 'A' })).toMatchObject({ state: 'confirmed' });
  });

  it('stays with a writer that may only be slow, then can be taken over when its product never appeared', async () => {
    await leftBehind('pending');
    now += RESERVATION_GRACE_MS - 1;
    expect(await store.create(draft, {})).toBeUndefined();
    now += 1;
    expect(await store.create(draft, {})).toMatchObject({ sku: 'A' });
  });

  it('is taken over by exactly one of many', async () => {
    await leftBehind('pending');
    now += RESERVATION_GRACE_MS;
    const results = await Promise.all(Array.from({ length: 10 }, () => store.create(draft, {})));
    expect(results.filter((product) => product !== undefined)).toHaveLength(1);
    expect(await products.count({ sku: 'A' })).toBe(1);
  });

  it('can be taken over at once when its product was deleted but the SKU not yet freed', async () => {
    await leftBehind('confirmed');
    expect(await store.create(draft, {})).toMatchObject({ sku: 'A' });
  });

  it('is never taken from a product that stands, even if its writer died before confirming', async () => {
    const product = (await store.create(draft, {})) as ProductDocument;
    await skus.updateOne({ _id: 'A' }, { $set: { state: 'pending' } });
    now += RESERVATION_GRACE_MS * 10;
    expect(await store.create(draft, {})).toBeUndefined();
    expect(await store.idOfSku('A', {})).toBe(product._id);
  });

  it('is lost by a writer that slept too long, and its product goes again', async () => {
    let sleep: () => Promise<void> = async () => undefined;
    const slowDatabase: Database = {
      ...database,
      collection<T extends StoredDocument>(definition: CollectionDefinition): Collection<T> {
        const collection = database.collection<T>(definition);
        return {
          ...collection,
          async insertOne(document, options) {
            if (definition.name === 'products') await sleep();
            return collection.insertOne(document, options);
          },
        };
      },
    };
    const slow = createProductStore({ database: slowDatabase, clock: () => new Date(now) });
    let winner: ProductDocument | undefined;
    sleep = async () => {
      now += RESERVATION_GRACE_MS;
      winner = await store.create({ ...draft, name: 'Winner' }, {});
    };
    expect(await slow.create(draft, {})).toBeUndefined();
    expect(winner).toMatchObject({ name: 'Winner' });
    expect((await products.find({ sku: 'A' })).map(({ name }) => name)).toEqual(['Winner']);
    expect(await store.idOfSku('A', {})).toBe(winner?._id);
  });
});
