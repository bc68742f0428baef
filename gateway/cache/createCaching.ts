import { randomBytes } from 'node:crypto';
import type { Logger } from '../../platform/logger.js';
import { fetchCacheSettings, type GatewayConfig } from '../config.js';
import type { FetchSubgraph } from '../execution/types.js';
import type { GatewayMetrics } from '../metrics/gatewayMetrics.js';
import type { RequestContext } from '../requestContext.js';
import type { Snapshot } from '../supergraph/snapshot.js';
import type { CacheRecord, CacheTier } from './cacheTier.js';
import { decideConsistency, type SubgraphClock } from './consistencyDecision.js';
import { type ConsistencyToken, formatConsistencyToken, parseConsistencyToken } from './consistencyToken.js';
import { createFeeds, type Feeds } from './feed/feeds.js';
import type { Fence } from './fence.js';
import { createBackgroundWork } from './fetch/backgroundWork.js';
import { createFetchCache } from './fetch/createFetchCache.js';
import type { InvalidationTarget } from './invalidate/invalidationTarget.js';
import { createInvalidator, type Invalidator, type Siblings } from './invalidate/invalidator.js';
import { invalidateAfterMutations } from './invalidate/mutationInvalidation.js';
import { OperationTimes } from './invalidate/operationTimes.js';
import { createProxyPurges } from './invalidate/proxyPurges.js';
import { subgraphTag } from './invalidation.js';
import { MemoryStore } from './memoryStore.js';
import { openSharedCache } from './openSharedCache.js';
import type { PreparedResponse } from './response/preparedResponse.js';
import { createResponseCache, type ResponseCache } from './response/responseCache.js';
import { TieredCache } from './tieredCache.js';

/** Everything that keeps answers, and keeps them true. */
export interface Caching {
  readonly responses: ResponseCache;
  readonly invalidator: Invalidator;
  readonly store: TieredCache<PreparedResponse>;
  readonly feeds: Feeds;
  /** Those in use, for operators. */
  readonly tiers: readonly Pick<CacheTier, 'name' | 'count'>[];
  /** Of the newest snapshot. */
  subgraphs(): readonly string[];
  /** Puts the caches, and what mutations do to them, in front of the subgraphs of a snapshot. */
  wrap(snapshot: Snapshot, send: FetchSubgraph<RequestContext>): FetchSubgraph<RequestContext>;
  /** Follows the feeds of this snapshot's subgraphs, and no others. */
  follow(snapshot: Snapshot): void;
  parseToken(text: string | undefined): ConsistencyToken;
  /** Whether everything that is kept here is at least as new as what the client has seen. */
  isPast(seen: ConsistencyToken): boolean;
  /** The token that a response carries; `undefined` when the request wrote nothing. */
  tokenFor(context: RequestContext): string | undefined;
  close(): Promise<void>;
}

/** The other worker processes of this gateway, for one that has several. */
export interface GatewayPeers {
  /** Names the gateway to other gateways; the same for all of its workers. */
  readonly origin: string;
  readonly siblings: Siblings;
}

/** Wires tiers, grains, feeds and invalidation together, as configured. */
export function createCaching(
  config: GatewayConfig,
  metrics: GatewayMetrics,
  logger: Logger,
  /** Of the memory tier. */
  fence?: Fence,
  peers?: GatewayPeers,
): Caching {
  const secret = config.cache.tokenSecret ?? randomBytes(32).toString('hex');
  const background = createBackgroundWork((err) => logger.warn({ err }, 'work behind the cache failed'));
  const sharedTimes = new OperationTimes();
  const noteShared = (subgraph: string, time: string) => sharedTimes.note(subgraph, time);
  const shared = openSharedCache(config.cache, logger, metrics.redis, noteShared, peers?.origin);
  let subgraphs: readonly string[] = [];

  const store = new TieredCache<PreparedResponse>({
    memory: new MemoryStore({ maxBytes: config.cache.memoryBytes, fence }),
    remote: shared.tier,
    leases: config.cache.leases ? {} : undefined,
    mayUseRemote: (subgraph) => feeds.mayUseShared(subgraph),
    latestTimes: () =>
      Object.fromEntries(
        subgraphs.flatMap((subgraph) => {
          const time = invalidator.latestOperationTime(subgraph);
          return time === undefined ? [] : [[subgraph, time]];
        }),
      ),
  });
  const clockOf = (subgraph: string): SubgraphClock => {
    const status = feeds.status(subgraph);
    return {
      hasFeed: status !== undefined,
      feedTime: status?.operationTime,
      latestTime: invalidator.latestOperationTime(subgraph),
      sharedTime: sharedTimes.latest(subgraph),
    };
  };
  const responses = createResponseCache({
    store,
    isTrusted: (record) => isTrusted(record, subgraphs, feeds),
    now: Date.now,
    background,
  });
  const fetches = createFetchCache<RequestContext>({
    store,
    settings: (subgraph) => fetchCacheSettings(config, subgraph),
    consistency: (subgraph, { consistency }) => decideConsistency(consistency.seen, clockOf(subgraph)),
    isTrusted: (subgraph) => feeds.mayServe(subgraph),
    metrics: metrics.cache.fetches,
    background,
    now: Date.now,
    random: Math.random,
  });
  const withoutFeed = () => subgraphs.filter((subgraph) => feeds.status(subgraph) === undefined);
  const targets: InvalidationTarget[] = [
    {
      scope: 'process',
      name: 'loads under way and memory',
      invalidate(invalidation) {
        fetches.closeLoads(invalidation.source);
        responses.closeLoads();
        store.invalidateMemory(invalidation);
      },
    },
  ];
  if (shared.tier) targets.push(sharedTarget(store));
  const proxies = createProxyPurges({ urls: config.cache.purgeUrls, logger });
  const plainInvalidator = createInvalidator({
    origin: shared.origin,
    targets,
    siblings: peers?.siblings,
    broadcast: shared.broadcast,
    proxies,
    sourcesWithoutFeed: withoutFeed,
    logger,
  });
  const invalidator = metrics.invalidation.measure(plainInvalidator, shared.broadcast, proxies);
  const feeds = createFeeds({
    cursorStore: shared.cursorStore,
    onInvalidation: (invalidation) => invalidator.apply(invalidation),
    onEpoch: (source, { scope, operationTime }) =>
      invalidator.apply({ source, tags: [subgraphTag(source)], operationTime, by: 'feed' }, scope),
    settled: () => invalidator.settled(),
    logger,
  });
  let wasReached = false;
  const stopReplays = shared.onReconnect(() => {
    // What Redis missed or lost while it was away is told to it again, from its own cursor on.
    background.run(feeds.replay());
    // Without a feed there is nobody to tell: another worker's purge can be among what it lost.
    const lost = wasReached ? withoutFeed().map(subgraphTag) : [];
    wasReached = true;
    if (lost.length === 0) return;
    store.owe(lost);
    background.run(store.settle());
  });

  metrics.watchCaches({
    store,
    maxMemoryBytes: config.cache.memoryBytes,
    breaker: shared.tier?.breaker,
    feedStatuses: () => feeds.statuses(),
  });

  return {
    responses,
    invalidator,
    store,
    feeds,
    tiers: [
      { name: 'memory', count: async (tags) => store.memory.count(tags) },
      ...(shared.tier ? [shared.tier] : []),
    ],
    subgraphs: () => subgraphs,
    wrap: (snapshot, send) =>
      invalidateAfterMutations({
        fetch: fetches.wrap(send, snapshot.tagger),
        apply: (invalidation) => invalidator.apply(invalidation),
        noteWrite: ({ consistency }, time) => consistency.written.push(time),
        logger,
      }),
    follow(snapshot) {
      subgraphs = [...snapshot.subgraphs.keys()];
      background.run(feeds.follow(subgraphs.flatMap((subgraph) => feedSource(config, subgraph) ?? [])));
    },
    parseToken: (text) => parseConsistencyToken(text, secret),
    isPast: (seen) =>
      seen.isEmpty || subgraphs.every((subgraph) => decideConsistency(seen, clockOf(subgraph)).mayUseCache),
    tokenFor({ consistency: { seen, written } }) {
      return written.length === 0 ? undefined : formatConsistencyToken(seen.with(...written), secret);
    },
    async close() {
      stopReplays();
      await feeds.close();
      await background.drain();
      await invalidator.close();
      await proxies.close();
      await shared.broadcast?.close();
      await store.close();
    },
  };
}

function feedSource(config: GatewayConfig, subgraph: string) {
  const url = config.subgraphs.byName[subgraph]?.feedUrl;
  const { feedToken: token, feedSilenceMs: heartbeatTimeoutMs } = config.cache;
  return url === undefined ? undefined : { subgraph, url, token, heartbeatTimeoutMs };
}

/** False while invalidations of a subgraph that had a part in the record may be missing. */
function isTrusted({ tags }: CacheRecord, subgraphs: readonly string[], feeds: Feeds): boolean {
  for (const subgraph of subgraphs) {
    if (!feeds.mayServe(subgraph) && tags.includes(subgraphTag(subgraph))) return false;
  }
  return true;
}

function sharedTarget(store: TieredCache<PreparedResponse>): InvalidationTarget {
  return {
    scope: 'shared',
    name: 'Redis',
    invalidate: async (invalidation) =>
      (await store.invalidate(invalidation)).remote === 'owed' ? 'bypassed' : 'purged',
    settled: async () => {
      if (store.owedTags > 0 && !(await store.settle()))
        throw new Error('Redis was not told of all purges yet');
    },
  };
}
