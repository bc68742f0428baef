import type { FetchSubgraph, SubgraphResponse } from '../../execution/types.js';
import type { TieredFill, TieredToken } from '../tieredCache.js';
import type { CutFetch } from './cutFetch.js';
import type { FetchCacheContext, FetchCacheOptions } from './fetchCacheOptions.js';
import type { FetchCacheSettings } from './fetchCacheSettings.js';
import { Flight } from './flight.js';
import type { Flights } from './flights.js';
import { judgeAnswer } from './judgeAnswer.js';
import type { Loaded } from './loaded.js';
import { type HeaderMap, loadHeaders } from './loadHeaders.js';
import type { FetchTags } from './tags/compileFetchTags.js';

/** One fetch of one request on its way through the cache. */
export interface FetchRun<C> {
  readonly fetch: CutFetch;
  readonly context: C;
  readonly settings: FetchCacheSettings;
  /** The client's headers that are in the keys. */
  readonly keyed: HeaderMap;
  readonly send: FetchSubgraph<C>;
  /** Whether the keys are those of one identity. */
  readonly isPerIdentity: boolean;
}

/** Queries of which something was learned from their answers. */
export interface LearnedQueries {
  /** The last answer was for whoever asked alone: waiting for another one's load would be in vain. */
  readonly apart: WeakSet<FetchTags>;
  /** The last answer was not to be kept: no other process finds it, and none should wait for it. */
  readonly unkept: WeakSet<FetchTags>;
  /**
   * The subgraph failed at what was added to them: until then, in ms since the epoch, they are sent as planned, past
   * the cache.
   */
  readonly refusing: WeakMap<FetchTags, number>;
}

/** Long enough not to ask everything twice, short enough for a subgraph that was just being replaced. */
const REFUSING_MS = 60_000;

export interface Loader<C extends FetchCacheContext> {
  /**
   * Begins to load some parts of a fetch; what may be kept is stored under the tokens, which must be older than this.
   * Leases that came with them are given back when it ends, however it does.
   * @param isOpen whether others may join; nobody joins a request that must not be stored
   */
  start(
    run: FetchRun<C>,
    parts: readonly number[],
    tokens: readonly (TieredToken | undefined)[],
    isOpen: boolean,
  ): Flight<Loaded>;
}

export function createLoader<C extends FetchCacheContext>(
  options: FetchCacheOptions<C>,
  flights: Flights<Loaded>,
  learned: LearnedQueries,
): Loader<C> {
  const { store, background, metrics, now, random } = options;

  async function ask(run: FetchRun<C>, parts: readonly number[], signal: AbortSignal) {
    const { fetch, context, settings, keyed, send } = run;
    const { subgraph } = fetch.request;
    const { after } = options.consistency(subgraph, context);
    const sent = { ...context, headers: loadHeaders(context.headers, keyed, settings, after) };
    const response = await send({ ...fetch.ask(parts, false), signal }, sent);
    const failsAtAdded = failsAtPath(response, fetch.tags);
    if (!failsAtAdded && !isInvalid(response)) return { response, asPlanned: false };
    const again = await send({ ...fetch.ask(parts, true), signal }, sent);
    // A query that is invalid as planned as well is not so because of us.
    if (failsAtAdded || !isInvalid(again)) learned.refusing.set(fetch.tags, now() + REFUSING_MS);
    return { response: again, asPlanned: true };
  }

  /** Memory has it when this returns: who does not find the load any more finds the record. */
  function keep(
    { fetch, context }: FetchRun<C>,
    parts: readonly number[],
    tokens: readonly (TieredToken | undefined)[],
    { parts: loaded }: Loaded,
  ): void {
    if (!context.cache.mayStore) return;
    const fills = loaded.flatMap((part, index): TieredFill[] => {
      const token = tokens[index];
      const key = fetch.keys[parts[index] ?? -1];
      if (part.facts === undefined || token === undefined || key === undefined) return [];
      return [{ key, record: { body: part.text, ...part.facts }, token }];
    });
    if (fills.length === 0) return;
    const { kept, remote } = store.write(fills);
    background.run(remote);
    const stored = kept.filter((record) => record !== undefined).length;
    const { subgraph } = fetch.request;
    if (stored > 0) metrics?.count(subgraph, 'stored', stored);
    if (stored < fills.length) metrics?.count(subgraph, 'refused', fills.length - stored);
  }

  return {
    start(run, parts, tokens, isOpen) {
      const { fetch, settings, isPerIdentity } = run;
      const { subgraph } = fetch.request;
      const keys = parts.map((part) => fetch.keys[part] ?? '');
      const land = (flight: Flight<Loaded>): void => {
        flights.remove(subgraph, keys, flight);
        // Those of the records that are being stored go with them.
        background.run(store.release(tokens));
      };

      async function load(signal: AbortSignal, flight: Flight<Loaded>): Promise<Loaded> {
        try {
          const askedAt = now();
          const { response, asPlanned } = await ask(run, parts, signal);
          const loaded = judgeAnswer({
            fetch,
            asked: parts,
            response,
            asPlanned,
            settings,
            isPerIdentity,
            askedAt,
            random,
          });
          if (loaded.parts.every(({ mayShare }) => mayShare)) learned.apart.delete(fetch.tags);
          else learned.apart.add(fetch.tags);
          if (loaded.parts.some(({ facts }) => facts !== undefined)) learned.unkept.delete(fetch.tags);
          else if (!loaded.parts.some(({ hasFailed }) => hasFailed)) learned.unkept.add(fetch.tags);
          // Nothing happens between here and the end of this function: who waits now is all who will.
          if (flight.waiting > 1) {
            for (const part of loaded.parts) if (part.hasData) void part.text;
          }
          keep(run, parts, tokens, loaded);
          return loaded;
        } finally {
          land(flight);
        }
      }

      const flight: Flight<Loaded> = new Flight(load, () => land(flight), run.context.deadlineAt);
      // Whoever joined could keep what must not be kept.
      if (isOpen && run.context.cache.mayStore) flights.add(subgraph, keys, flight);
      return flight;
    },
  };
}

/** Whether the answer fails at what was added to the query. */
function failsAtPath({ errors }: SubgraphResponse, tags: FetchTags): boolean {
  return (
    Array.isArray(errors) &&
    errors.some((error) => Array.isArray(error?.path) && tags.isAddedPath(error.path))
  );
}

/** Whether the subgraph does not accept the query, which can be because of what was added to it. */
function isInvalid({ errors }: SubgraphResponse): boolean {
  return (
    Array.isArray(errors) &&
    errors.some((error) => error?.extensions?.['code'] === 'GRAPHQL_VALIDATION_FAILED')
  );
}
