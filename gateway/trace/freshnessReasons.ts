import type { CacheExplanation } from '../cache/fetchExplanation.js';
import { fetchesOf } from './describePlan.js';
import type { FetchTrace, FreshnessReason, PlanDescription } from './traceReport.js';

/**
 * What keeps the response from being cached, each with the fields that it comes from; when nothing does, what makes
 * it run out first.
 */
export function freshnessReasons(
  plan: PlanDescription | undefined,
  fetches: readonly FetchTrace[],
  cache: CacheExplanation,
): readonly FreshnessReason[] {
  const fieldsOf = new Map(fetchesOf(plan).map(({ fetchId, fields }) => [fetchId, fields]));
  const ofFetches = cache.fetches.flatMap(({ subgraph, fetchId, notKept }) =>
    notKept.map((words): FreshnessReason => {
      const said = fetches.find((fetch) => fetch.fetchId === fetchId)?.requests.at(-1)?.cacheControl;
      return {
        kind: 'uncacheable',
        subgraph,
        fetchId,
        fields: fieldsOf.get(fetchId) ?? [],
        words: said === undefined ? words : `${words} (Cache-Control: ${said})`,
      };
    }),
  );
  const isKnown = (subgraph: string, reason: string) =>
    cache.fetches.some((fetch) => fetch.subgraph === subgraph && fetch.notKept.includes(reason));
  const others = cache.uncacheable
    .filter(({ subgraph, reason }) => !isKnown(subgraph, reason))
    .map(
      ({ subgraph, reason }): FreshnessReason => ({
        kind: 'uncacheable',
        subgraph,
        fields: [],
        words: reason,
      }),
    );
  const refusals = [...ofFetches, ...others];
  return refusals.length > 0 ? refusals : shortest(fieldsOf, fetches, cache);
}

function shortest(
  fieldsOf: ReadonlyMap<number, readonly string[]>,
  fetches: readonly FetchTrace[],
  cache: CacheExplanation,
): readonly FreshnessReason[] {
  const times = cache.fetches.flatMap(({ subgraph, fetchId, records }) => {
    const leftMs = records.reduce(
      (least, { remainingTtlMs = least }) => Math.min(least, remainingTtlMs),
      Infinity,
    );
    return leftMs === Infinity ? [] : [{ subgraph, fetchId, leftMs }];
  });
  const first = times.sort((a, b) => a.leftMs - b.leftMs)[0];
  if (first === undefined) return [];
  const { subgraph, fetchId, leftMs } = first;
  const said = fetches.find((fetch) => fetch.fetchId === fetchId)?.requests.at(-1)?.cacheControl;
  const seconds = Math.round(leftMs / 100) / 10;
  const hint = said === undefined ? '' : `, since the subgraph said Cache-Control: ${said}`;
  const words = `runs out first, ${seconds} s after this answer${hint}`;
  return [{ kind: 'shortest', subgraph, fetchId, fields: fieldsOf.get(fetchId) ?? [], words }];
}
