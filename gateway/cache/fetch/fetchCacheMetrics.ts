/**
 * What became of one record: served fresh, stale or after a failed load (`staleIfError`); loaded by this request
 * (`miss`) or by another one at the same time (`joined`); passed by the cache (`bypass`); and after a load, whether it
 * was `stored`, or `refused` by the fence or an unreachable tier.
 */
export type FetchCacheEvent =
  | 'hit'
  | 'stale'
  | 'staleIfError'
  | 'miss'
  | 'joined'
  | 'bypass'
  | 'stored'
  | 'refused';

/** Names of subgraphs come from the supergraph, so the labels are bounded. */
export interface FetchCacheMetrics {
  count(subgraph: string, event: FetchCacheEvent, records: number): void;
}
