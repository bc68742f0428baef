import type { Database } from '../../platform/database/database.js';
import { PRODUCTS_COLLECTION, SKUS_COLLECTION } from './collections.js';
import type { ProductDocument, SkuDocument } from './productDocument.js';
import { nameSortKey } from './productSorts.js';
import { sampleImageName } from './sampleImage.js';
import { type SampleProduct, sampleProducts } from './sampleProducts.js';
import { searchTokens } from './searchTokens.js';

const BATCH_SIZE = 1_000;

/** Inserts the sample products that are missing. Their SKUs come first, as for every new product. */
export async function loadSampleProducts(database: Database, currency: string): Promise<void> {
  const skus = database.collection<SkuDocument>(SKUS_COLLECTION);
  const products = database.collection<ProductDocument>(PRODUCTS_COLLECTION);
  const documents = sampleProducts().map((sample) => toDocument(sample, currency));
  for (let start = 0; start < documents.length; start += BATCH_SIZE) {
    const batch = documents.slice(start, start + BATCH_SIZE);
    await skus.insertMissing(
      batch.map(({ _id, sku, createdAt }) => ({
        _id: sku,
        productId: _id,
        state: 'confirmed' as const,
        reservedAt: createdAt,
      })),
    );
    await products.insertMissing(batch);
  }
}

function toDocument(sample: SampleProduct, currency: string): ProductDocument {
  const { id, category, sku, name, description, amountMinor, createdAt } = sample;
  return {
    _id: id,
    category,
    sku,
    name,
    nameSort: nameSortKey(name),
    description,
    price: { amountMinor, currency },
    imageUrls: [`/images/${sampleImageName(sample)}`],
    tokens: searchTokens(name, sku),
    createdAt,
    updatedAt: createdAt,
    version: 1,
  };
}
