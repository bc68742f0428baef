import { randomUUID } from 'node:crypto';
import type { CausalContext, Collection, Database, Filter } from '../../platform/database/database.js';
import type { Clock } from '../shared/clock.js';
import type { Page } from '../shared/connection.js';
import { categoryOfProductId, formatProductId } from '../shared/productId.js';
import { PRODUCTS_COLLECTION, PRODUCTS_ON_PRIMARY, SKUS_COLLECTION } from './collections.js';
import type { ProductDocument, SkuDocument } from './productDocument.js';
import { nameSortKey } from './productSorts.js';
import { searchTokens } from './searchTokens.js';
import { createSkuReservations } from './skuReservations.js';

/** What a person decides about a product. Validated already. */
export type ProductDraft = Pick<
  ProductDocument,
  'category' | 'sku' | 'name' | 'description' | 'price' | 'imageUrls'
>;
export type ProductPatch = Partial<Pick<ProductDocument, 'name' | 'description' | 'price' | 'imageUrls'>>;

export interface ProductListFilter {
  readonly minPriceMinor?: number | undefined;
  readonly maxPriceMinor?: number | undefined;
}

export type UpdateResult =
  | { readonly outcome: 'updated'; readonly before: ProductDocument; readonly after: ProductDocument }
  | { readonly outcome: 'notFound' }
  | { readonly outcome: 'otherVersion'; readonly version: number };

export interface ProductStore {
  /** In the order of the ids; `null` for one that is unknown or no product id. One command. */
  byIds(ids: readonly string[], causal: CausalContext): Promise<(ProductDocument | null)[]>;
  /** The id of the product that has this SKU, as far as reservations know. */
  idOfSku(sku: string, causal: CausalContext): Promise<string | undefined>;
  /** One page and one more, in the page's order. */
  list(
    query: { readonly category: string | undefined; readonly filter: ProductListFilter; readonly page: Page },
    causal: CausalContext,
  ): Promise<ProductDocument[]>;
  /** Products that have all of the tokens. */
  search(
    query: {
      readonly category: string | undefined;
      readonly tokens: readonly string[];
      readonly page: Page;
    },
    causal: CausalContext,
  ): Promise<ProductDocument[]>;
  /** `undefined` when the SKU belongs to another product. */
  create(draft: ProductDraft, causal: CausalContext): Promise<ProductDocument | undefined>;
  /** One conditional update: of two that expect the same version, one wins. */
  update(
    id: string,
    patch: ProductPatch,
    ifVersion: number | undefined,
    causal: CausalContext,
  ): Promise<UpdateResult>;
  /** What was deleted, or `null`. */
  delete(id: string, causal: CausalContext): Promise<ProductDocument | null>;
}

export interface ProductStoreOptions {
  readonly database: Database;
  readonly clock: Clock;
  /** The second half of a new product's id. @default 32 hexadecimal digits at random */
  readonly newSuffix?: () => string;
}

export function createProductStore(options: ProductStoreOptions): ProductStore {
  const { database, clock, newSuffix = () => randomUUID().replaceAll('-', '') } = options;
  const products = database.collection<ProductDocument>(PRODUCTS_COLLECTION);
  const onPrimary = database.collection<ProductDocument>(PRODUCTS_ON_PRIMARY);
  const skus = createSkuReservations(database.collection<SkuDocument>(SKUS_COLLECTION), onPrimary, clock);

  return {
    byIds: (ids, causal) => findByIds(products, ids, causal),

    async idOfSku(sku, causal) {
      return (await skus.find(sku, causal))?.productId;
    },

    list: ({ category, filter, page }, causal) =>
      products.find(allOf([inCategory(category), pricedWithin(filter), page.filter]), {
        sort: page.sort,
        limit: page.limit,
        causal,
      }),

    search: ({ category, tokens, page }, causal) =>
      products.find(allOf([inCategory(category), { tokens: { $all: tokens } }, page.filter]), {
        sort: page.sort,
        limit: page.limit,
        causal,
      }),

    async create(draft, causal) {
      const now = clock();
      const product: ProductDocument = {
        _id: formatProductId(draft.category, newSuffix()),
        ...draft,
        ...derived(draft.name, draft.sku),
        createdAt: now,
        updatedAt: now,
        version: 1,
      };
      const { sku, _id: id, category } = product;
      if (!(await skus.reserve(sku, id, causal))) return undefined;
      await products.insertOne(product, { causal });
      if (await skus.confirm(sku, id, causal)) return product;
      await products.findOneAndDelete({ category, _id: id }, { causal });
      return undefined;
    },

    async update(id, patch, ifVersion, causal) {
      const category = categoryOfProductId(id);
      if (category === undefined) return { outcome: 'notFound' };
      // The SKU never changes, but the tokens of a new name need it.
      const current =
        patch.name === undefined ? null : await onPrimary.findOne({ category, _id: id }, { causal });
      if (patch.name !== undefined && current === null) return { outcome: 'notFound' };
      const set = {
        ...patch,
        ...(patch.name !== undefined && current !== null && derived(patch.name, current.sku)),
        updatedAt: clock(),
      };
      const before = await products.findOneAndUpdate(
        { category, _id: id, ...(ifVersion !== undefined && { version: ifVersion }) },
        { $set: set, $inc: { version: 1 } },
        { causal, returnDocument: 'before' },
      );
      if (before) {
        return { outcome: 'updated', before, after: { ...before, ...set, version: before.version + 1 } };
      }
      const found =
        ifVersion === undefined ? null : await onPrimary.findOne({ category, _id: id }, { causal });
      return found ? { outcome: 'otherVersion', version: found.version } : { outcome: 'notFound' };
    },

    async delete(id, causal) {
      const category = categoryOfProductId(id);
      if (category === undefined) return null;
      const deleted = await products.findOneAndDelete({ category, _id: id }, { causal });
      if (deleted) await skus.release(deleted.sku, id, causal);
      return deleted;
    },
  };
}

async function findByIds(
  products: Collection<ProductDocument>,
  ids: readonly string[],
  causal: CausalContext,
): Promise<(ProductDocument | null)[]> {
  const known = ids.filter((id) => categoryOfProductId(id) !== undefined);
  if (known.length === 0) return ids.map(() => null);
  // The categories tell `mongos` which shards to ask; the ids alone would reach all of them.
  const categories = [...new Set(known.map((id) => categoryOfProductId(id)))];
  const found = await products.find({ category: { $in: categories }, _id: { $in: known } }, { causal });
  const byId = new Map(found.map((product) => [product._id, product]));
  return ids.map((id) => byId.get(id) ?? null);
}

function derived(name: string, sku: string): Pick<ProductDocument, 'nameSort' | 'tokens'> {
  return { nameSort: nameSortKey(name), tokens: searchTokens(name, sku) };
}

function inCategory(category: string | undefined): Filter | undefined {
  return category === undefined ? undefined : { category };
}

function pricedWithin({ minPriceMinor, maxPriceMinor }: ProductListFilter): Filter | undefined {
  if (minPriceMinor === undefined && maxPriceMinor === undefined) return undefined;
  return {
    'price.amountMinor': {
      ...(minPriceMinor !== undefined && { $gte: minPriceMinor }),
      ...(maxPriceMinor !== undefined && { $lte: maxPriceMinor }),
    },
  };
}

/** Two conditions may be about one field, as a price range and a cursor by price are, so they are not merged. */
function allOf(conditions: readonly (Filter | undefined)[]): Filter {
  const given = conditions.filter((condition) => condition !== undefined);
  return given.length > 1 ? { $and: given } : (given[0] ?? {});
}
