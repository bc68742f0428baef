import { randomUUID } from 'node:crypto';
import type { CollectionDefinition, Database } from '../../platform/database/database.js';
import type { CheckResult } from '../check/checkResult.js';

/** Long enough to look back at a pull request. */
const KEPT_MS = 90 * 24 * 3_600_000;

export const CHECKS: CollectionDefinition = {
  name: 'registry_checks',
  shardKey: null,
  indexes: [
    { name: 'at', key: { at: -1 }, reason: 'checks, newest first' },
    {
      name: 'expiresAt',
      key: { expiresAt: 1 },
      expireAfterSeconds: 0,
      reason: 'checks are kept for 90 days',
    },
  ],
  watched: false,
  read: { preference: 'primary', concern: 'majority' },
  write: { timeoutMs: 5_000 },
  maxTimeMs: 10_000,
};

export interface StoredCheck extends CheckResult {
  readonly id: string;
}

export interface CheckStore {
  add(result: CheckResult): Promise<StoredCheck>;
  /** Newest first. */
  list(limit: number): Promise<StoredCheck[]>;
}

export function createCheckStore(database: Database): CheckStore {
  const checks = database.collection<CheckResult & { readonly _id: string; readonly expiresAt: Date }>(
    CHECKS,
  );
  return {
    async add(result) {
      const id = randomUUID();
      await checks.insertOne({ ...result, _id: id, expiresAt: new Date(result.at.getTime() + KEPT_MS) });
      return { id, ...result };
    },
    async list(limit) {
      const found = await checks.find({}, { sort: { at: -1 }, limit });
      return found.map(({ _id, expiresAt, ...result }) => ({ id: _id, ...result }));
    },
  };
}
