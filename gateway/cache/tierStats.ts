/** What a tier has done since the start. */
export interface TierStats {
  /** Fresh records. */
  hits: number;
  /** Records past their freshness, for those who may use them. */
  stale: number;
  misses: number;
  /** Fills that were kept, copies from the tier behind among them. */
  fills: number;
  /** Fills that came too late for an invalidation, or could not be kept. */
  refused: number;
  /** Invalidations. */
  purges: number;
  /** Records that went by invalidations; 0 for a tier that finds out when they are read. */
  dropped: number;
  /** Keys that were not looked up, since the tier was bypassed. */
  bypassed: number;
  /** Invalidations that it could not be told at once. */
  failures: number;
}

export function newTierStats(): TierStats {
  return {
    hits: 0,
    stale: 0,
    misses: 0,
    fills: 0,
    refused: 0,
    purges: 0,
    dropped: 0,
    bypassed: 0,
    failures: 0,
  };
}
