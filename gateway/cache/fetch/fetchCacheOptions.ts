import type { CacheRequest } from '../cacheRequest.js';
import type { ConsistencyDecision } from '../consistencyDecision.js';
import type { TieredCache } from '../tieredCache.js';
import type { BackgroundWork } from './backgroundWork.js';
import type { FetchCacheMetrics } from './fetchCacheMetrics.js';
import type { FetchCacheSettings } from './fetchCacheSettings.js';
import type { HeaderMap } from './loadHeaders.js';

/** What a request has to carry. */
export interface FetchCacheContext {
  /** What subgraphs may be sent, the signed identity included. Names are lower case. */
  readonly headers: HeaderMap;
  /** When its time is over, by `performance.now()`. @default never */
  readonly deadlineAt?: number | undefined;
  readonly cache: CacheRequest;
}

/** What this grain needs of the tiers. */
export type FetchStore = Pick<
  TieredCache,
  'read' | 'peek' | 'begin' | 'write' | 'release' | 'leaseWaits' | 'lastPurge'
>;

export interface FetchCacheOptions<C extends FetchCacheContext> {
  readonly store: FetchStore;
  settings(subgraph: string): FetchCacheSettings;
  /** What the client and this gateway know of the subgraph's time. Asked again for each load. */
  consistency(subgraph: string, context: C): ConsistencyDecision;
  /** False while invalidations of the subgraph may be missing: then nothing kept is served. @default always true */
  isTrusted?(subgraph: string): boolean;
  readonly metrics?: FetchCacheMetrics | undefined;
  /** Revalidation and storing, which no client waits for. */
  readonly background: BackgroundWork;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** From 0 to 1. */
  readonly random: () => number;
}
