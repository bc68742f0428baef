import type { DatabaseMonitor } from '../databaseMonitor.js';
import type { CommandListener } from './monitorCommands.js';

export interface MongodbOptions {
  /** `mongodb://…` or `mongodb+srv://…`. A database name in its path wins over `name`. */
  readonly uri: string;
  /** Goes to the server as the application's name, and is the database's name when the URI has none. */
  readonly name: string;
  /**
   * Connections to each server at most. An operation that finds none free waits.
   * @default 50
   */
  readonly maxPoolSize?: number;
  /**
   * Connections kept open to each server, so that the first requests after a quiet time do not pay for a handshake.
   * @default 2
   */
  readonly minPoolSize?: number;
  /**
   * An operation that waits longer than this for a free connection fails with `DatabaseTimeoutError`.
   * @default 2000
   */
  readonly waitQueueTimeoutMs?: number;
  /**
   * How long to look for a server that may do the operation, also while connecting at start.
   * @default 5000
   */
  readonly serverSelectionTimeoutMs?: number;
  /**
   * How often each server is asked how it is. One that hangs is noticed after this and `connectTimeoutMs`, and what waits
   * for it is tried elsewhere.
   * @default 1000
   */
  readonly heartbeatFrequencyMs?: number;
  /** @default 3000 */
  readonly connectTimeoutMs?: number;
  /**
   * A connection that is silent for longer during an operation is given up. It must be well above
   * every collection's `maxTimeMs`; heartbeats of change feeds are kept below half of it.
   * @default 30000
   */
  readonly socketTimeoutMs?: number;
  /**
   * How long a read may wait on a secondary for the time that its `CausalContext` demands, the read itself
   * included, before the primary is read instead.
   * @default 250
   */
  readonly causalWaitMs?: number;
  /** Is called for every command that was sent and for its end; for metrics and tests. */
  readonly onCommand?: CommandListener | undefined;
  readonly monitor?: DatabaseMonitor | undefined;
  /** Whether commands become spans of the request that sends them. @default false */
  readonly traced?: boolean | undefined;
}

export const MONGODB_DEFAULTS = {
  maxPoolSize: 50,
  minPoolSize: 2,
  waitQueueTimeoutMs: 2_000,
  serverSelectionTimeoutMs: 5_000,
  heartbeatFrequencyMs: 1_000,
  connectTimeoutMs: 3_000,
  socketTimeoutMs: 30_000,
  causalWaitMs: 250,
} as const;
