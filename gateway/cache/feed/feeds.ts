import { createFeed, type Feed, type FeedStatus } from './feed.js';
import type { FeedOptions } from './feedOptions.js';

/** What differs from one subgraph to the next. */
export type FeedSource = Pick<FeedOptions, 'subgraph' | 'url' | 'token' | 'heartbeatTimeoutMs'>;

export interface Feeds {
  /** `undefined` for a subgraph without a feed. */
  status(subgraph: string): FeedStatus | undefined;
  statuses(): readonly FeedStatus[];
  /** Whether entries of this subgraph may be served as fresh. Without a feed, their TTL alone decides. */
  mayServe(subgraph: string): boolean;
  /** Whether the shared cache may be read for this subgraph. */
  mayUseShared(subgraph: string): boolean;
  /** Starts, stops and keeps feeds, so that exactly these are followed: for a new supergraph or configuration. */
  follow(sources: readonly FeedSource[]): Promise<void>;
  /** See `Feed.replay`: to be called when Redis is back. */
  replay(): Promise<void>;
  close(): Promise<void>;
}

const UNFOLLOWED = { scope: 'process', operationTime: undefined } as const;

/** The feeds of all subgraphs that have one. */
export function createFeeds(common: Omit<FeedOptions, keyof FeedSource>): Feeds {
  const feeds = new Map<string, { readonly source: FeedSource; readonly feed: Feed }>();
  /** Followed at some time; what is kept of them can be from then. */
  const known = new Set<string>();
  let wishes = 0;
  const status = (subgraph: string) => feeds.get(subgraph)?.feed.status;

  async function stop(subgraph: string): Promise<void> {
    const following = feeds.get(subgraph);
    feeds.delete(subgraph);
    await following?.feed.close();
  }

  return {
    status,
    statuses: () => [...feeds.values()].map(({ feed }) => feed.status),
    mayServe: (subgraph) => status(subgraph)?.mayServe ?? true,
    mayUseShared: (subgraph) => status(subgraph)?.mayUseShared ?? true,
    async follow(sources) {
      wishes += 1;
      const wish = wishes;
      const wanted = new Map(sources.map((source) => [source.subgraph, source]));
      const ended = [...feeds].filter(([subgraph, { source }]) => !isSame(source, wanted.get(subgraph)));
      await Promise.all(ended.map(([subgraph]) => stop(subgraph)));
      // While the old ones were ending, others may have been asked for, or none any more.
      if (wish !== wishes) return;
      const purges: Promise<void>[] = [];
      for (const source of sources) {
        const { subgraph } = source;
        if (feeds.has(subgraph)) continue;
        feeds.set(subgraph, { source, feed: createFeed({ ...common, ...source }) });
        // A new feed trusts that there is nothing yet. What changed while nobody followed it, nobody has purged.
        if (known.has(subgraph)) purges.push(common.onEpoch(subgraph, UNFOLLOWED));
        known.add(subgraph);
      }
      await Promise.all(purges);
    },
    async replay() {
      await Promise.all([...feeds.values()].map(({ feed }) => feed.replay()));
    },
    async close() {
      wishes += 1;
      await Promise.all([...feeds.keys()].map(stop));
    },
  };
}

function isSame(a: FeedSource, b: FeedSource | undefined): boolean {
  return (
    b !== undefined && a.url === b.url && a.token === b.token && a.heartbeatTimeoutMs === b.heartbeatTimeoutMs
  );
}
