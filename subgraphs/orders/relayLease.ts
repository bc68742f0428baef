import type { Database, StoredDocument } from '../../platform/database/database.js';
import { DuplicateKeyError } from '../../platform/database/errors.js';
import { RELAY } from './collections.js';

interface RelayDocument extends StoredDocument {
  readonly owner: string | null;
  readonly until: Date;
  /** Everything up to here is in the queue. */
  readonly cursor: string | null;
}

export interface RelayLease {
  /** `undefined` while another process relays. */
  take(): Promise<{ readonly cursor: string | undefined } | undefined>;
  /** Keeps the lease, and the cursor where it is; `false` when another process has it. */
  renew(): Promise<boolean>;
  /** Moves the cursor on and keeps the lease; `false` when another process has it. */
  save(cursor: string): Promise<boolean>;
  /** The cursor cannot be resumed. */
  forget(): Promise<void>;
  /** Lets the next one begin at once. */
  release(): Promise<void>;
}

export interface RelayLeaseOptions {
  readonly database: Database;
  readonly owner: string;
  readonly leaseMs: number;
}

const ID = 'orders';

/** Who relays, and how far the relay has come. Two that think it is theirs add the same jobs twice, which does nothing. */
export function createRelayLease({ database, owner, leaseMs }: RelayLeaseOptions): RelayLease {
  const relays = database.collection<RelayDocument>(RELAY);
  const until = () => new Date(Date.now() + leaseMs);
  return {
    async take() {
      const free = { _id: ID, $or: [{ owner }, { owner: null }, { until: { $lt: new Date() } }] };
      const taken = await relays.findOneAndUpdate(free, { $set: { owner, until: until() } });
      if (taken) return { cursor: taken.cursor ?? undefined };
      try {
        await relays.insertOne({ _id: ID, owner, until: until(), cursor: null });
        return { cursor: undefined };
      } catch (error) {
        if (error instanceof DuplicateKeyError) return undefined;
        throw error;
      }
    },
    async renew() {
      const { matched } = await relays.updateOne({ _id: ID, owner }, { $set: { until: until() } });
      return matched === 1;
    },
    async save(cursor) {
      const { matched } = await relays.updateOne({ _id: ID, owner }, { $set: { cursor, until: until() } });
      return matched === 1;
    },
    async forget() {
      await relays.updateOne({ _id: ID, owner }, { $set: { cursor: null } });
    },
    async release() {
      await relays.updateOne({ _id: ID, owner }, { $set: { owner: null } });
    },
  };
}
