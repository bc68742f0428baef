import type { ScatterQuery } from '../shared/scatterQuery.js';

/** All of them. Every other query on a sharded collection carries its shard key. */
export const ORDERS_SCATTER_QUERIES: readonly ScatterQuery[] = [
  {
    collection: 'orders',
    by: ['outbox.createdAt'],
    reason:
      'The reconciler looks for orders that stand still, a few times a minute, in an index that has entries of unfinished orders alone',
  },
];
