import type { CollectionDefinition } from '../../platform/database/database.js';
import { META_COLLECTION } from '../shared/loadSampleOnce.js';

// Customers and workers act on what they read here (cancel, charge), so it is read where it is decided: at the
// primary, and never from a write that could be rolled back. Order reads are few next to product reads.
const STRONG = {
  read: { preference: 'primary', concern: 'majority' },
  write: { timeoutMs: 5_000 },
  maxTimeMs: 3_000,
} as const;

export const ORDERS: CollectionDefinition = {
  ...STRONG,
  name: 'orders',
  shardKey: { customerBucket: 1, _id: 1 },
  watched: true,
  indexes: [
    {
      name: 'shard_key',
      key: { customerBucket: 1, _id: 1 },
      reason: 'The shard key; single orders are read by it.',
    },
    {
      name: 'customer_placedAt',
      key: { customerBucket: 1, customerId: 1, placedAt: -1, _id: -1 },
      reason: "A page of one customer's orders, newest first, without a sort in memory.",
    },
    {
      name: 'outbox_createdAt',
      key: { 'outbox.createdAt': 1 },
      reason: 'The reconciler finds orders with work left; those without any have no date in it.',
    },
  ],
};

/** Where relays of this database stand; one document. */
export const RELAY: CollectionDefinition = {
  ...STRONG,
  name: 'relay',
  shardKey: null,
  watched: false,
  indexes: [],
};

/** What the sandbox was asked to charge: the payment provider's own memory, which outlives its clients. */
export const SANDBOX_CHARGES: CollectionDefinition = {
  ...STRONG,
  name: 'sandboxCharges',
  shardKey: { _id: 'hashed' },
  watched: false,
  indexes: [],
};

export const ORDERS_COLLECTIONS: readonly CollectionDefinition[] = [
  ORDERS,
  RELAY,
  SANDBOX_CHARGES,
  META_COLLECTION,
];
