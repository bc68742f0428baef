import type { CacheTier, FillToken } from './cacheTier.js';

/** A tier behind the memory tier. It may be out of reach, and it may outlive this process. */
export interface RemoteTier extends CacheTier {
  readonly name: 'redis' | 'keyv';
  /** Permissions for loads that are about to begin, without looking for what is there. Never rejects. */
  begin(keys: readonly string[]): Promise<readonly (FillToken | undefined)[]>;
  /**
   * `invalidate` for all tags at once.
   * @throws when the tier could not be told
   */
  purgeEverything(): Promise<void>;
}
