import type { CollectionDefinition } from '../../platform/database/database.js';
import { META_COLLECTION } from '../shared/loadSampleOnce.js';

/** How long the outcome of a reservation can be asked for; far longer than any queue redelivers. */
const SETTLEMENT_RETENTION_DAYS = 90;

// Stock decisions must see every acknowledged write and none that could be rolled back, so all of inventory reads
// and writes at the primary with majority. It is a small cluster of its own: nothing here is sharded.
const STRONG = {
  shardKey: null,
  read: { preference: 'primary', concern: 'majority' },
  write: { timeoutMs: 5_000 },
  maxTimeMs: 3_000,
} as const;

export const STOCK: CollectionDefinition = {
  ...STRONG,
  name: 'stock',
  watched: true,
  indexes: [
    {
      name: 'held_expiresAt',
      key: { 'held.expiresAt': 1 },
      reason: 'The sweep finds reservations whose time is over.',
    },
    {
      name: 'settled_keepUntil',
      key: { 'settled.keepUntil': 1 },
      reason: 'The sweep finds tombstones that may move to the settlements.',
    },
  ],
};

export const SETTLEMENTS: CollectionDefinition = {
  ...STRONG,
  name: 'settlements',
  watched: false,
  indexes: [
    {
      name: 'archivedAt_ttl',
      key: { archivedAt: 1 },
      expireAfterSeconds: SETTLEMENT_RETENTION_DAYS * 24 * 60 * 60,
      reason: 'MongoDB deletes outcomes that nobody can ask for any more.',
    },
  ],
};

export const INVENTORY_COLLECTIONS: readonly CollectionDefinition[] = [STOCK, SETTLEMENTS, META_COLLECTION];
