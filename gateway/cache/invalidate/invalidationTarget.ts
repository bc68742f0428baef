import type { Invalidation } from '../invalidation.js';

/** Something in this process that could serve an old value: the memory tier, loads under way. */
export interface ProcessTarget {
  readonly scope: 'process';
  readonly name: string;
  /** Cheap and quick: it is told twice when a shared target is told as well. */
  invalidate(invalidation: Invalidation): void | Promise<void>;
}

/** Something that several processes share: Redis. */
export interface SharedTarget {
  readonly scope: 'shared';
  readonly name: string;
  /**
   * Resolves when this process serves nothing old from it any more. Either it was purged (`'purged'`), or it could
   * not be told in time (`'bypassed'`): then this process neither reads nor fills it until it could.
   */
  invalidate(invalidation: Invalidation): Promise<'purged' | 'bypassed'>;
  /** Resolves once everything it was told so far has been purged. @throws when that cannot be done now */
  settled(): Promise<void>;
}

/** Whoever has to hear of an invalidation before this process can promise that the old value is gone. */
export type InvalidationTarget = ProcessTarget | SharedTarget;
