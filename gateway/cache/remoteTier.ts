import type { CacheTier, FillToken, TierRead } from './cacheTier.js';
import type { LeaseRequest } from './lease.js';

/** By subgraph, the latest operation time that is known of it. */
export type LatestTimes = Readonly<Record<string, string>>;

/** A tier behind the memory tier. It may be out of reach, and it may outlive this process. */
export interface RemoteTier extends CacheTier {
  readonly name: 'redis' | 'keyv';
  /** Never rejects. @param leases of the keys without a fresh record; a tier of one process alone has none */
  read(keys: readonly string[], leases?: LeaseRequest): Promise<readonly TierRead[]>;
  /** Gives back the leases that came with these, where no write has done so. Never rejects. */
  release(tokens: readonly FillToken[]): Promise<void>;
  /** Permissions for loads that are about to begin, without looking for what is there. Never rejects. */
  begin(keys: readonly string[]): Promise<readonly (FillToken | undefined)[]>;
  /**
   * As for every tier.
   * @param times loads under permissions that are given from now on have to be at least that new, in every process
   */
  invalidate(tags: readonly string[], times?: LatestTimes): Promise<void>;
  /**
   * `invalidate` for all tags at once.
   * @throws when the tier could not be told
   */
  purgeEverything(times?: LatestTimes): Promise<void>;
}
