import type { CollectionDefinition } from '../../platform/database/database.js';

const COMMON = {
  shardKey: null,
  watched: false,
  read: { preference: 'primary', concern: 'majority' },
  write: { timeoutMs: 5_000 },
  maxTimeMs: 10_000,
} as const satisfies Partial<CollectionDefinition>;

const EXPIRY = {
  name: 'expiresAt',
  key: { expiresAt: 1 },
  expireAfterSeconds: 0,
  reason: 'nothing is kept for longer than registry.usage.retentionDays',
} as const;

/** One document per hour, operation and client. */
export const USAGE_HOURS: CollectionDefinition = {
  ...COMMON,
  name: 'registry_usage_hours',
  indexes: [
    {
      name: 'coordinates_hour',
      key: { coordinates: 1, hour: 1 },
      reason: 'who uses what a change would take away',
    },
    { name: 'hour', key: { hour: 1 }, reason: 'how many there are of this hour' },
    EXPIRY,
  ],
};

/** One document per day: how often each coordinate was used. */
export const USAGE_DAYS: CollectionDefinition = { ...COMMON, name: 'registry_usage_days', indexes: [EXPIRY] };

/** One document per day and operation. */
export const OPERATION_DAYS: CollectionDefinition = {
  ...COMMON,
  name: 'registry_operation_days',
  indexes: [{ name: 'day', key: { day: 1 }, reason: 'the most used operations of the last days' }, EXPIRY],
};

/** Name and text of each operation. */
export const OPERATIONS: CollectionDefinition = { ...COMMON, name: 'registry_operations', indexes: [EXPIRY] };

export const USAGE_COLLECTIONS: readonly CollectionDefinition[] = [
  USAGE_HOURS,
  USAGE_DAYS,
  OPERATION_DAYS,
  OPERATIONS,
];
