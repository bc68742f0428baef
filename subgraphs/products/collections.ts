import type { CollectionDefinition } from '../../platform/database/database.js';
import { META_COLLECTION } from '../shared/loadSampleOnce.js';

/** Products are read far more than written, and a product page may be a little old: secondaries serve it. */
export const PRODUCTS_COLLECTION: CollectionDefinition = {
  name: 'products',
  shardKey: { category: 1, _id: 1 },
  indexes: [
    {
      name: 'category_id',
      key: { category: 1, _id: 1 },
      reason: 'the shard key; entity reads by id, which carries its category',
    },
    {
      name: 'category_nameSort',
      key: { category: 1, nameSort: 1, _id: 1 },
      reason: 'products(category, sort: NAME_ASC)',
    },
    {
      name: 'category_price',
      key: { category: 1, 'price.amountMinor': 1, _id: 1 },
      reason: 'products(category, sort: PRICE_ASC and PRICE_DESC), and its price filter',
    },
    {
      name: 'category_createdAt',
      key: { category: 1, createdAt: 1, _id: 1 },
      reason: 'products(category, sort: NEWEST), read backwards',
    },
    {
      name: 'category_tokens_nameSort',
      key: { category: 1, tokens: 1, nameSort: 1, _id: 1 },
      reason: 'searchProducts(text, category), in order of name without sorting',
    },
    {
      name: 'nameSort',
      key: { nameSort: 1, _id: 1 },
      reason: 'products(sort: NAME_ASC) over all categories',
    },
    {
      name: 'price',
      key: { 'price.amountMinor': 1, _id: 1 },
      reason: 'products(sort: PRICE_ASC and PRICE_DESC) over all categories, and its price filter',
    },
    {
      name: 'createdAt',
      key: { createdAt: 1, _id: 1 },
      reason: 'products(sort: NEWEST) over all categories',
    },
    {
      name: 'tokens_nameSort',
      key: { tokens: 1, nameSort: 1, _id: 1 },
      reason: 'searchProducts(text) over all categories',
    },
  ],
  watched: true,
  read: { preference: 'secondaryPreferred', concern: 'majority', maxStalenessSeconds: 90 },
  write: { timeoutMs: 5_000 },
  maxTimeMs: 2_000,
};

/** The same documents, for decisions that must not rest on a secondary that is behind. */
export const PRODUCTS_ON_PRIMARY: CollectionDefinition = {
  ...PRODUCTS_COLLECTION,
  read: { preference: 'primary', concern: 'majority' },
};

/** A sharded collection is unique only by its shard key, so this one keeps SKUs unique over all categories. */
export const SKUS_COLLECTION: CollectionDefinition = {
  name: 'skus',
  shardKey: { _id: 'hashed' },
  indexes: [],
  watched: false,
  read: { preference: 'primary', concern: 'majority' },
  write: { timeoutMs: 5_000 },
  maxTimeMs: 2_000,
};

export const PRODUCTS_COLLECTIONS: readonly CollectionDefinition[] = [
  PRODUCTS_COLLECTION,
  SKUS_COLLECTION,
  META_COLLECTION,
];
