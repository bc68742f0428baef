import { systemTimers, type Timers } from '../../platform/database/timers.js';
import type { CacheTier } from '../cache/cacheTier.js';
import { type Invalidation, subgraphTag } from '../cache/invalidation.js';

/** What an operator wants gone. */
export interface Purge {
  readonly tags: readonly string[];
  /** Subgraphs whose records, or loads under way, can bear one of the tags. */
  readonly sources: readonly string[];
}

/** Records per tier; `null` where they could not be counted: out of reach, or too many to count in time. */
export type TierCounts = Readonly<Record<string, number | null>>;

/** The caches, as far as an operator is concerned. */
export interface PurgeTarget {
  /** Of the supergraph that is served; empty while there is none. */
  subgraphs(): readonly string[];
  /** How many records bear one of the tags. Never rejects. */
  count(tags: readonly string[]): Promise<TierCounts>;
  /** Resolves when this gateway serves none of it any more and has told the others, with what `count` gave before. */
  purge(purge: Purge): Promise<TierCounts>;
}

export interface PurgeTargetOptions {
  subgraphs(): readonly string[];
  readonly tiers: readonly Pick<CacheTier, 'name' | 'count'>[];
  /** Carries one invalidation to all tiers, and to other gateways. */
  apply(invalidation: Invalidation): Promise<void>;
  /** How long a dry run may count. @default 30000 */
  readonly countDeadlineMs?: number | undefined;
  /** The same before a purge, which should not wait for numbers. @default 2000 */
  readonly countBeforePurgeDeadlineMs?: number | undefined;
  readonly timers?: Timers | undefined;
}

export function createPurgeTarget(options: PurgeTargetOptions): PurgeTarget {
  const { tiers, apply, countDeadlineMs = 30_000, countBeforePurgeDeadlineMs = 2_000 } = options;
  const timers = options.timers ?? systemTimers;

  async function countIn(deadlineMs: number, tags: readonly string[]): Promise<TierCounts> {
    const counted = tiers.map(async (tier) => {
      const count = await withinDeadline(tier.count(tags), deadlineMs, timers);
      return [tier.name, count] as const;
    });
    return Object.fromEntries(await Promise.all(counted));
  }

  return {
    subgraphs: () => options.subgraphs(),
    count: (tags) => countIn(countDeadlineMs, tags),
    async purge({ tags, sources }) {
      const counts = await countIn(countBeforePurgeDeadlineMs, tags);
      // Each source for itself: an invalidation also closes the loads of its source that are under way.
      await Promise.all(sources.map((source) => apply({ source, tags, by: 'operator' })));
      return counts;
    },
  };
}

/** Which subgraphs a purge concerns: any of them can have made a record with a tag, or with an entity of a type. */
export function sourcesOf(tags: readonly string[], subgraphs: readonly string[]): readonly string[] {
  const named = subgraphs.filter((name) => tags.includes(subgraphTag(name)));
  return named.length === tags.length ? named : subgraphs;
}

async function withinDeadline(
  work: Promise<number>,
  deadlineMs: number,
  timers: Timers,
): Promise<number | null> {
  let stop = (): void => undefined;
  const late = new Promise<null>((resolve) => {
    stop = timers.after(deadlineMs, () => resolve(null));
  });
  try {
    return await Promise.race([work.catch(() => null), late]);
  } finally {
    stop();
  }
}
