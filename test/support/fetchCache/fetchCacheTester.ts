import type { CacheRequest } from '../../../gateway/cache/cacheRequest.js';
import { createBackgroundWork } from '../../../gateway/cache/fetch/backgroundWork.js';
import { createFetchCache } from '../../../gateway/cache/fetch/createFetchCache.js';
import type { FetchCacheContext } from '../../../gateway/cache/fetch/fetchCacheOptions.js';
import {
  defaultFetchCacheSettings,
  type FetchCacheSettings,
} from '../../../gateway/cache/fetch/fetchCacheSettings.js';
import { createFetchTagger } from '../../../gateway/cache/fetch/tags/fetchTagger.js';
import type { FetchExplanation } from '../../../gateway/cache/fetchExplanation.js';
import { MemoryStore } from '../../../gateway/cache/memoryStore.js';
import { ResponseFacts } from '../../../gateway/cache/responseFacts.js';
import { TieredCache, type TieredCacheOptions } from '../../../gateway/cache/tieredCache.js';
import type { SubgraphRequest, SubgraphResponse } from '../../../gateway/execution/types.js';
import type { OperationTime } from '../../../platform/database/operationTime.js';
import { HeldSource } from './heldSource.js';
import { buildSupergraph, type ShopSubgraph, shopSdls } from './shopGraph.js';

export interface AskOptions {
  readonly subgraph?: ShopSubgraph;
  readonly variables?: Record<string, unknown>;
  readonly headers?: Record<string, string>;
  readonly identityKey?: string;
  readonly mayRead?: boolean;
  readonly mayStore?: boolean;
  readonly signal?: AbortSignal;
  /** By `performance.now()`. */
  readonly deadlineAt?: number;
  readonly operationKind?: SubgraphRequest['operationKind'];
  /** What the client's consistency token demands. */
  readonly mustSee?: OperationTime;
}

/** One request: its answer, and what it learned about caching it. */
export interface Asked {
  readonly answer: Promise<SubgraphResponse>;
  readonly facts: ResponseFacts;
  readonly explain: FetchExplanation[];
}

export const entitiesOf = (selection: string): string =>
  `query($representations:[_Any!]!){_entities(representations:$representations){${selection}}}`;

export const products = (...ids: readonly string[]) => ({
  representations: ids.map((id) => ({ __typename: 'Product', id })),
});

const supergraph = buildSupergraph(shopSdls);

/** What several testers share, as gateways do. */
export interface SharedParts {
  readonly source: HeldSource;
  readonly clock: { now: number; random: number };
  readonly tiers: Pick<TieredCacheOptions<unknown>, 'remote' | 'leases' | 'timers'>;
}

export function newSharedParts(): Pick<SharedParts, 'source' | 'clock'> {
  return { source: new HeldSource(shopSdls), clock: { now: 1_700_000_000_000, random: 0 } };
}

/** The cache of fetches over a memory tier, before subgraphs that hold every request, with a clock that stands still. */
export function createFetchCacheTester(
  settings: Partial<FetchCacheSettings> = {},
  { source, clock, tiers }: SharedParts = { ...newSharedParts(), tiers: {} },
) {
  const errors: unknown[] = [];
  const counts: Record<string, number> = {};
  const background = createBackgroundWork((error) => errors.push(error));
  const times = new Map<string, OperationTime>();
  const state = { isTrusted: true };
  const store = new TieredCache({
    memory: new MemoryStore({ maxBytes: 10_000_000, now: () => clock.now }),
    now: () => clock.now,
    ...tiers,
  });
  const mustSee = new WeakMap<FetchCacheContext, OperationTime>();
  const cache = createFetchCache<FetchCacheContext>({
    store,
    settings: () => ({ ...defaultFetchCacheSettings, ttlJitter: 0, ...settings }),
    consistency(subgraph, context) {
      const demanded = mustSee.get(context);
      const known = times.get(subgraph);
      return { mayUseCache: demanded === undefined, after: demanded ?? known };
    },
    isTrusted: () => state.isTrusted,
    metrics: {
      count(subgraph, event, records) {
        const name = `${subgraph}.${event}`;
        counts[name] = (counts[name] ?? 0) + records;
      },
    },
    background,
    now: () => clock.now,
    random: () => clock.random,
  });
  const fetch = cache.wrap(source.fetch, createFetchTagger(supergraph));

  return {
    cache,
    store,
    source,
    clock,
    counts,
    background,
    /** What background work failed with. */
    errors,
    state,
    ask(query: string, options: AskOptions = {}): Asked {
      const facts = new ResponseFacts();
      const explain: FetchExplanation[] = [];
      const { mayRead = true, mayStore = true, identityKey, headers = {} } = options;
      const request: CacheRequest = { mayRead, mayStore, identityKey, facts, explain };
      const context: FetchCacheContext = { headers, cache: request, deadlineAt: options.deadlineAt };
      if (options.mustSee) mustSee.set(context, options.mustSee);
      const answer = fetch(
        {
          subgraph: options.subgraph ?? 'products',
          query,
          operationName: undefined,
          operationKind: options.operationKind ?? 'query',
          variables: options.variables,
          fetchId: 0,
          signal: options.signal,
        },
        context,
      );
      answer.catch(() => undefined);
      return { answer, facts, explain };
    },
    /** As the invalidator does it: what loads have to know, loads under way, tiers, and loads once more. */
    async invalidate(source: string, tags: readonly string[], operationTime?: OperationTime): Promise<void> {
      if (operationTime) times.set(source, operationTime);
      cache.closeLoads(source);
      await store.invalidate({ source, tags, by: 'feed' });
      cache.closeLoads(source);
    },
    /** Lets everything happen that does not wait for a held request. */
    async settle(): Promise<void> {
      for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
    },
  };
}
