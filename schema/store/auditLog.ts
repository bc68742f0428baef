import { randomUUID } from 'node:crypto';
import type { Database } from '../../platform/database/database.js';
import { AUDIT } from './collections.js';

export interface AuditEntry {
  readonly at: Date;
  /** Name of the token. */
  readonly by: string;
  readonly action: 'publish' | 'rollback' | 'approve' | 'check';
  /** In words. */
  readonly what: string;
}

export interface AuditLog {
  add(entry: AuditEntry): Promise<void>;
  /** Newest first. */
  list(limit: number): Promise<AuditEntry[]>;
}

export function createAuditLog(database: Database): AuditLog {
  const audit = database.collection<AuditEntry & { readonly _id: string }>(AUDIT);
  return {
    add: (entry) => audit.insertOne({ _id: randomUUID(), ...entry }),
    async list(limit) {
      const found = await audit.find({}, { sort: { at: -1 }, limit });
      return found.map(({ _id, ...entry }) => entry);
    },
  };
}
