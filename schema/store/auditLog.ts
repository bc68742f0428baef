import { randomUUID } from 'node:crypto';
import type { Database } from '../../platform/database/database.js';
import { AUDIT } from './collections.js';

export interface AuditEntry {
  readonly at: Date;
  /** Name of the token. */
  readonly by: string;
  readonly action: 'publish' | 'remove' | 'rollback' | 'approve' | 'check' | 'operations';
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
  let sequence = 0;
  return {
    // Entries of one moment stay in the order in which they were made.
    add: (entry) => {
      sequence += 1;
      const order = String(sequence).padStart(9, '0');
      return audit.insertOne({ _id: `${entry.at.toISOString()}:${order}:${randomUUID()}`, ...entry });
    },
    async list(limit) {
      const found = await audit.find({}, { sort: { _id: -1 }, limit });
      return found.map(({ _id, ...entry }) => entry);
    },
  };
}
