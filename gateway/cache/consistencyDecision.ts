import {
  laterOperationTime,
  type OperationTime,
  parseOperationTime,
} from '../../platform/database/operationTime.js';
import type { ConsistencyToken } from './consistencyToken.js';

/** What this gateway knows of the time in one subgraph. */
export interface SubgraphClock {
  /** Whether its feed is read. */
  readonly hasFeed: boolean;
  /** Up to where the feed is applied; `undefined` while that is not known. */
  readonly feedTime: string | undefined;
  /** The latest change that was heard of, by a mutation, a notice or the feed. */
  readonly latestTime: OperationTime | undefined;
  /**
   * The latest change by which another gateway has purged the shared cache. What this one holds may be older, but what it
   * loads must not be: it would be stored there.
   */
  readonly sharedTime?: OperationTime | undefined;
}

export interface ConsistencyDecision {
  /** False when something in the cache may be older than what the client has seen. */
  readonly mayUseCache: boolean;
  /** The subgraph must answer with data at least that new, also where the token does not ask for it. */
  readonly after: OperationTime | undefined;
}

/**
 * Decides for one fetch. The cache may answer when the subgraph's feed is applied up to the token's time in the same
 * cluster, or when the token says nothing of that cluster. As long as a feed has not told in which cluster its subgraph
 * lives, any time of the token may be meant. A subgraph without a feed of which no change was ever heard, here or by way
 * of Redis, has no part in any token: its entries go by their TTL alone.
 */
export function decideConsistency(token: ConsistencyToken, clock: SubgraphClock): ConsistencyDecision {
  const { hasFeed, feedTime, latestTime } = clock;
  const newest =
    latestTime === undefined ? clock.sharedTime : laterOperationTime(clock.sharedTime, latestTime);
  if (token.isEmpty) return { mayUseCache: true, after: newest };
  const applied = feedTime ?? (hasFeed ? undefined : latestTime);
  const ownCluster = clusterOf(applied) ?? clusterOf(latestTime);
  const isKnown = !hasFeed || ownCluster !== undefined;
  // What others purged by may be of a cluster that is gone, but a load that is to be stored has to go by it.
  const cluster = ownCluster ?? clusterOf(newest);
  if (cluster === undefined) {
    // One header carries one time: with several to choose from, none is better than a wrong one.
    const [only] = hasFeed && token.times.size === 1 ? token.times.values() : [];
    return { mayUseCache: isKnown, after: only };
  }
  const demanded = token.times.get(cluster);
  if (demanded === undefined) return { mayUseCache: isKnown, after: newest };
  const mayUseCache = applied !== undefined && clusterOf(applied) === cluster && applied >= demanded;
  const comparable = clusterOf(newest) === cluster ? newest : undefined;
  return { mayUseCache, after: comparable !== undefined && comparable > demanded ? comparable : demanded };
}

function clusterOf(time: string | undefined): string | undefined {
  return time === undefined ? undefined : parseOperationTime(time)?.cluster;
}
