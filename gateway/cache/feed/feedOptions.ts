import type { Timers } from '../../../platform/database/timers.js';
import type { Logger } from '../../../platform/logger.js';
import type { Invalidation } from '../invalidation.js';
import type { BackoffOptions } from './backoff.js';
import type { CursorStore } from './cursorStore.js';
import type { FeedState } from './feedTrust.js';

/** Something was missed, and nobody knows what: all of it has to go. */
export interface Epoch {
  /**
   * `everything`: all that came from the subgraph. `process`: what this process holds; the shared cache is not used
   * until its own cursor could be read. `shared`: only the shared cache, which came back without a cursor.
   */
  readonly scope: 'everything' | 'process' | 'shared';
  /** Loads that start after the purge must be at least that new. */
  readonly operationTime: string | undefined;
}

export interface FeedOptions {
  readonly subgraph: string;
  /** Of the feed: `ws://…` or `wss://…` */
  readonly url: string;
  /** Sent as `Bearer` in `connection_init`. */
  readonly token: string | undefined;
  readonly cursorStore: CursorStore;
  /**
   * How long the cache is trusted without a sign of life: several times the interval of the feed's heartbeats.
   * @default 5000
   */
  readonly heartbeatTimeoutMs?: number | undefined;
  /** For the handshake, and again for its acknowledgement. @default 5000 */
  readonly connectTimeoutMs?: number | undefined;
  /** How often the cursor is saved at most. @default 1000 */
  readonly saveEveryMs?: number | undefined;
  /** Tags that are purged at once. @default 1000 */
  readonly maxBatchTags?: number | undefined;
  /** With more tags waiting, the whole subgraph is purged instead. @default 20000 */
  readonly maxQueuedTags?: number | undefined;
  readonly backoff?: BackoffOptions | undefined;
  /** Awaited before the next one is begun. After a rejection the feed comes again with it. */
  onInvalidation(invalidation: Invalidation): Promise<void>;
  /** Awaited like an invalidation. */
  onEpoch(subgraph: string, epoch: Epoch): Promise<void>;
  /** Resolves once all that was handed over so far is done in the shared cache too. @default at once */
  settled?(): Promise<void>;
  onStateChange?(state: FeedState): void;
  readonly timers?: Timers | undefined;
  readonly logger: Logger;
}
