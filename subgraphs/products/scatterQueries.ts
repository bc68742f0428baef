import type { ScatterQuery } from '../shared/scatterQuery.js';

/** All of them. Every other query on a sharded collection carries its shard key. */
export const SCATTER_QUERIES: readonly ScatterQuery[] = [
  {
    collection: 'products',
    by: ['createdAt', 'nameSort', 'price.amountMinor'],
    reason: 'products(category: null) lists the whole shop; each shard reads one page from an index',
  },
  {
    collection: 'products',
    by: ['tokens'],
    reason:
      'searchProducts without a category searches the whole shop; each shard reads one page from an index',
  },
];
