import type { OperationTime } from './operationTime.js';

/** A stored document. `_id` is chosen by the store that owns the collection. */
export interface StoredDocument {
  readonly _id: string;
}

/**
 * Query and update documents in MongoDB's own language, limited to the operators that mingo also knows.
 * `undefined` in a filter is refused with a `TypeError`: the driver would drop the condition and match everything.
 */
export type Filter = Readonly<Record<string, unknown>>;
export type Update = Readonly<Record<string, unknown>>;
export type Sort = Readonly<Record<string, 1 | -1>>;

/**
 * What one request knows about time. A read waits until the data is at least as new as `after`;
 * a write moves `last` forward. One context belongs to one request and may be used concurrently.
 */
export interface CausalContext {
  after?: OperationTime | undefined;
  last?: OperationTime | undefined;
}

export interface IndexDefinition {
  /** Stable name, so that a changed definition is noticed instead of silently kept. */
  readonly name: string;
  readonly key: Readonly<Record<string, 1 | -1>>;
  readonly unique?: boolean;
  readonly partialFilter?: Filter;
  /** For TTL indexes on a `Date` field. */
  readonly expireAfterSeconds?: number;
  /** Which query needs it; printed by the index report and kept honest by the query-plan test. */
  readonly reason: string;
}

export interface CollectionDefinition {
  readonly name: string;
  /** The key that `sh.shardCollection` gets; `null` for a collection that stays on one shard. */
  readonly shardKey: Readonly<Record<string, 1 | 'hashed'>> | null;
  readonly indexes: readonly IndexDefinition[];
  /** Stores pre- and post-images, so that change events carry the document before and after. */
  readonly watched: boolean;
  readonly read: {
    readonly preference: 'primary' | 'secondaryPreferred';
    readonly concern: 'local' | 'majority';
    /** Only with `secondaryPreferred`; the driver's least is 90. */
    readonly maxStalenessSeconds?: number;
  };
  /** `majority` and journaled, always: an acknowledged write is never rolled back. */
  readonly write: { readonly timeoutMs: number };
  /** The server stops any single operation after this long. */
  readonly maxTimeMs: number;
}

export interface OperationOptions {
  readonly causal?: CausalContext | undefined;
}
export interface FindOptions extends OperationOptions {
  readonly sort?: Sort;
  readonly limit?: number;
  readonly projection?: Readonly<Record<string, 0 | 1>>;
}
export interface UpdateOptions extends OperationOptions {
  /** Inserts when nothing matches; the `_id` then comes from the filter or from `$setOnInsert`. */
  readonly upsert?: boolean;
}
export interface FindOneAndUpdateOptions extends UpdateOptions {
  /** @default 'after' */
  readonly returnDocument?: 'before' | 'after';
}

/**
 * The part of a MongoDB collection that the stores use. Both adapters promise the same:
 * updates are atomic per document, a unique key that is taken fails with `DuplicateKeyError`,
 * documents that come out are copies, an operation over its time limit fails with `DatabaseTimeoutError`,
 * and a database that is out of reach with `DatabaseUnavailableError`.
 */
export interface Collection<T extends StoredDocument> {
  readonly definition: CollectionDefinition;
  findOne(filter: Filter, options?: FindOptions): Promise<T | null>;
  find(filter: Filter, options?: FindOptions): Promise<T[]>;
  count(filter: Filter, options?: OperationOptions & { readonly limit?: number }): Promise<number>;
  insertOne(document: T, options?: OperationOptions): Promise<void>;
  /** Inserts what is not there yet (by `_id` or unique key) and says how many that were. */
  insertMissing(documents: readonly T[], options?: OperationOptions): Promise<number>;
  updateOne(
    filter: Filter,
    update: Update,
    options?: UpdateOptions,
  ): Promise<{ matched: number; modified: number }>;
  findOneAndUpdate(filter: Filter, update: Update, options?: FindOneAndUpdateOptions): Promise<T | null>;
  /** The deleted document, or `null` when nothing matched. */
  findOneAndDelete(filter: Filter, options?: OperationOptions): Promise<T | null>;
}

/** One change of one document, in the order the database applied them. */
export interface ChangeEvent<T extends StoredDocument = StoredDocument> {
  readonly kind: 'change';
  readonly collection: string;
  readonly operation: 'insert' | 'update' | 'delete';
  readonly id: string;
  /** Absent for an insert, or when the image had expired. */
  readonly before: T | undefined;
  /** Absent for a delete, or when the image had expired. */
  readonly after: T | undefined;
  /** Resumes right after this event. Opaque. */
  readonly cursor: string;
  readonly operationTime: OperationTime;
}

/** Nothing happened up to `operationTime`; `cursor` resumes from here. */
export interface Heartbeat {
  readonly kind: 'heartbeat';
  readonly cursor: string;
  readonly operationTime: OperationTime | undefined;
}

export interface WatchOptions {
  /** Names of watched collections. */
  readonly collections: readonly string[];
  /** A cursor from an earlier event; without it the stream begins now. */
  readonly after?: string | undefined;
  /** A heartbeat is sent at least this often when nothing else is. */
  readonly heartbeatMs: number;
  /** Fields at the top of documents that `before` and `after` come without: nobody reads them, and they may be large. */
  readonly without?: readonly string[] | undefined;
}

/**
 * Iterate it once. A feed that begins now starts with a heartbeat, so that its reader holds a cursor at once.
 * It resumes by itself after a short network fault; a database that stays out of reach ends it with
 * `DatabaseUnavailableError`, and a new feed after the last cursor goes on.
 * It ends with `CursorLostError` when events between the cursor and now can no longer be read:
 * everything derived from them must then be dropped.
 * `ready` resolves once every later write is certain to be seen, and fails as the feed does.
 * After `close()` the iteration ends without an error.
 */
export interface ChangeFeed extends AsyncIterable<ChangeEvent | Heartbeat> {
  readonly ready: Promise<void>;
  close(): Promise<void>;
}

export interface Database {
  readonly kind: 'mongodb' | 'embedded';
  /** For logs: hosts and database name, never credentials. */
  readonly description: string;
  collection<T extends StoredDocument>(definition: CollectionDefinition): Collection<T>;
  /** Creates collections, indexes and image settings that are missing; changes nothing that is right already. */
  ensure(definitions: readonly CollectionDefinition[]): Promise<void>;
  watch(options: WatchOptions): ChangeFeed;
  /** Fails with `DatabaseUnavailableError` when no answer comes in `timeoutMs`. */
  ping(timeoutMs: number): Promise<void>;
  close(): Promise<void>;
}
