import { IDENTITY_HEADER } from '../../../platform/identity.js';
import type { FetchSubgraph, SubgraphRequest, SubgraphResponse } from '../../execution/types.js';
import { answerFetch } from './answerFetch.js';
import { isForOneAlone, parseCacheControl } from './cacheControl.js';
import { cutFetch } from './cutFetch.js';
import type { FetchCacheContext, FetchCacheOptions } from './fetchCacheOptions.js';
import type { FetchCacheSettings } from './fetchCacheSettings.js';
import { Flights } from './flights.js';
import type { Loaded } from './loaded.js';
import { createLoader, type LearnedQueries } from './loader.js';
import { keyedHeaders, loadHeaders } from './loadHeaders.js';
import type { FetchTags } from './tags/compileFetchTags.js';
import type { FetchTagger } from './tags/fetchTagger.js';

/** The grain of the cache that keeps what single fetches bring: root fetches, and entities one by one. */
export interface FetchCache<C extends FetchCacheContext> {
  /** Puts the cache in front of `send`, for requests on the supergraph that `tagger` knows. */
  wrap(send: FetchSubgraph<C>, tagger: FetchTagger): FetchSubgraph<C>;
  /**
   * From now on nobody joins a load of the subgraph (of any, without a name) that is under way: what it reads may be
   * older than an invalidation. To be called before the tiers are told, and again after it.
   */
  closeLoads(subgraph?: string): void;
}

/** One for all supergraphs: requests on an old and a new one share what did not change between them. */
export function createFetchCache<C extends FetchCacheContext>(options: FetchCacheOptions<C>): FetchCache<C> {
  const { metrics } = options;
  const flights = new Flights<Loaded>();
  const learned: LearnedQueries = { apart: new WeakSet(), unkept: new WeakSet(), refusing: new WeakMap() };
  const loader = createLoader(options, flights, learned);

  /** Sends a query past the cache, with no more headers than it would have sent. */
  async function bypass(
    request: SubgraphRequest,
    context: C,
    send: FetchSubgraph<C>,
    settings: FetchCacheSettings,
    reason: string,
  ): Promise<SubgraphResponse> {
    const { subgraph, fetchId } = request;
    const { facts, explain, identityKey } = context.cache;
    facts.refuse(subgraph, reason);
    if (settings.forwardIdentity) facts.identityBound = true;
    if (!settings.enabled) facts.apart = true;
    explain?.push({ subgraph, fetchId, outcome: 'bypass', reason, notKept: [reason], records: [] });
    metrics?.count(subgraph, 'bypass', 1);
    const { after } = options.consistency(subgraph, context);
    const keyed = keyedHeaders(context.headers, settings);
    const response = await send(request, {
      ...context,
      headers: loadHeaders(context.headers, keyed, settings, after),
    });
    // Nothing of it is kept, but the whole answer could be shared with equal requests that wait for it.
    const directives = parseCacheControl(response.http?.cacheControl);
    const isPerIdentity = settings.forwardIdentity && identityKey !== undefined;
    if (isForOneAlone(directives, isPerIdentity)) facts.apart = true;
    return response;
  }

  function isRefusing(tags: FetchTags | undefined): boolean {
    return tags !== undefined && options.now() < (learned.refusing.get(tags) ?? 0);
  }

  return {
    wrap: (send, tagger) => async (request, context) => {
      if (request.operationKind !== 'query') return send(request, context);
      const { subgraph } = request;
      const { cache, headers } = context;
      const settings = options.settings(subgraph);
      const tags = settings.enabled ? tagger.tagsFor(subgraph, request.query) : undefined;
      const reason = whyBypass(
        context,
        settings,
        tags,
        isRefusing(tags),
        options.isTrusted?.(subgraph) ?? true,
      );
      const fingerprint = tagger.fingerprint(subgraph);
      if (reason !== undefined || tags === undefined || fingerprint === undefined) {
        return bypass(request, context, send, settings, reason ?? 'the subgraph is not known');
      }
      const identityKey = settings.forwardIdentity ? cache.identityKey : undefined;
      const keyed = keyedHeaders(headers, settings);
      const fetch = cutFetch(request, tags, { subgraph, fingerprint, headers: keyed, identityKey });
      const run = { fetch, context, settings, keyed, send, isPerIdentity: identityKey !== undefined };
      const mayUse = cache.mayRead && options.consistency(subgraph, context).mayUseCache;
      return answerFetch({ options, flights, loader, learned }, run, mayUse);
    },
    closeLoads: (subgraph) => flights.close(subgraph),
  };
}

function whyBypass(
  { cache, headers }: FetchCacheContext,
  settings: FetchCacheSettings,
  tags: FetchTags | undefined,
  isRefused: boolean,
  isTrusted: boolean,
): string | undefined {
  if (!settings.enabled) return 'the cache is switched off for this subgraph';
  if (tags === undefined) return 'nothing certain can be said about the entities in its answer';
  if (isRefused) return 'the subgraph cannot tell the keys of the entities in its answer';
  if (!isTrusted) return 'invalidations of this subgraph may be missing';
  const isTold = settings.forwardIdentity && headers[IDENTITY_HEADER] !== undefined;
  if (isTold && cache.identityKey === undefined) return 'the subgraph is told an identity that no key has';
  return undefined;
}
