import { createHash } from 'node:crypto';
import type { CollectionDefinition, Database } from '../../platform/database/database.js';

/** Somebody has decided that a change may break what it breaks. */
export interface Approval {
  /** Such as `PR-123`; it holds there and nowhere else. */
  readonly context: string;
  readonly subgraph: string;
  /** As checks give it. */
  readonly change: string;
  readonly reason: string;
  /** Name of the token. */
  readonly by: string;
  readonly at: Date;
  readonly expiresAt: Date;
}

export const APPROVALS: CollectionDefinition = {
  name: 'registry_approvals',
  shardKey: null,
  indexes: [
    { name: 'context', key: { context: 1, subgraph: 1 }, reason: 'what is approved where a check runs' },
    { name: 'expiresAt', key: { expiresAt: 1 }, expireAfterSeconds: 0, reason: 'an approval has an end' },
  ],
  watched: false,
  read: { preference: 'primary', concern: 'majority' },
  write: { timeoutMs: 5_000 },
  maxTimeMs: 10_000,
};

export interface ApprovalStore {
  /** Replaces an earlier one for the same change in the same context. */
  add(approval: Approval): Promise<void>;
  /** Those that have not expired, by change. */
  of(context: string, subgraph: string, now: Date): Promise<Map<string, Approval>>;
}

export function createApprovalStore(database: Database): ApprovalStore {
  const approvals = database.collection<Approval & { readonly _id: string }>(APPROVALS);
  return {
    async add(approval) {
      const { context, subgraph, change, ...rest } = approval;
      const key = JSON.stringify([context, subgraph, change]);
      const _id = createHash('sha256').update(key).digest('hex');
      await approvals.updateOne(
        { _id },
        { $set: rest, $setOnInsert: { context, subgraph, change } },
        { upsert: true },
      );
    },
    async of(context, subgraph, now) {
      // The database removes them in its own time, which may be a minute late.
      const found = await approvals.find({ context, subgraph, expiresAt: { $gt: now } });
      return new Map(found.map(({ _id, ...approval }) => [approval.change, approval]));
    },
  };
}
