import { formatOperationTime, type OperationTime } from '../../platform/database/operationTime.js';
import { decideConsistency, type SubgraphClock } from './consistencyDecision.js';
import { ConsistencyToken } from './consistencyToken.js';

const at = (cluster: string, time: number) => formatOperationTime(cluster, BigInt(time));
const token = (...times: OperationTime[]) => ConsistencyToken.EMPTY.with(...times);
const clock = (known: Partial<SubgraphClock>): SubgraphClock => ({
  hasFeed: true,
  feedTime: undefined,
  latestTime: undefined,
  ...known,
});

describe('a fetch', () => {
  it('without a token may use the cache, and loads what is at least as new as the last change known', () => {
    const decision = decideConsistency(ConsistencyToken.EMPTY, clock({ latestTime: at('a', 3) }));
    expect(decision).toEqual({ mayUseCache: true, after: at('a', 3) });
  });

  it('loads what is as new as what other gateways have purged by, while it has not heard of that itself', () => {
    const demanded = (known: Partial<SubgraphClock>) =>
      decideConsistency(ConsistencyToken.EMPTY, clock(known)).after;
    expect(demanded({ sharedTime: at('a', 4) })).toBe(at('a', 4));
    expect(demanded({ latestTime: at('a', 3), sharedTime: at('a', 4) })).toBe(at('a', 4));
    expect(demanded({ latestTime: at('a', 5), sharedTime: at('a', 4) })).toBe(at('a', 5));
    // What was heard of here is of the cluster that is there now.
    expect(demanded({ latestTime: at('b', 1), sharedTime: at('a', 4) })).toBe(at('b', 1));
    const behind = clock({ feedTime: at('a', 3), latestTime: at('a', 3), sharedTime: at('a', 9) });
    expect(decideConsistency(token(at('a', 5)), behind)).toEqual({ mayUseCache: false, after: at('a', 9) });
    const unfed = clock({ hasFeed: false, latestTime: at('a', 3), sharedTime: at('a', 9) });
    expect(decideConsistency(token(at('a', 5)), unfed).mayUseCache).toBe(false);
  });

  it.each([
    ['past', 6],
    ['exactly at', 5],
  ])('may use the cache when the feed is %s the time of the token', (_name, time) => {
    expect(decideConsistency(token(at('a', 5)), clock({ feedTime: at('a', time) }))).toEqual({
      mayUseCache: true,
      after: at('a', 5),
    });
  });

  it('bypasses the cache when the feed is not there yet, and tells the subgraph the time', () => {
    expect(decideConsistency(token(at('a', 5)), clock({ feedTime: at('a', 4) }))).toEqual({
      mayUseCache: false,
      after: at('a', 5),
    });
  });

  it('is not helped by a mutation that was heard of: others may have written before it', () => {
    const known = clock({ feedTime: at('a', 4), latestTime: at('a', 7) });
    expect(decideConsistency(token(at('a', 5)), known)).toEqual({ mayUseCache: false, after: at('a', 7) });
  });

  it('may use the cache of a subgraph in a cluster of which the token says nothing', () => {
    expect(decideConsistency(token(at('a', 5)), clock({ feedTime: at('b', 1) }))).toEqual({
      mayUseCache: true,
      after: undefined,
    });
  });

  it('goes by the cluster that the feed is in now, not by one that is gone', () => {
    const known = clock({ feedTime: at('boot-2', 1), latestTime: at('boot-1', 9) });
    expect(decideConsistency(token(at('boot-1', 5)), known).mayUseCache).toBe(true);
    const decision = decideConsistency(token(at('boot-1', 5), at('boot-2', 3)), known);
    expect(decision).toEqual({ mayUseCache: false, after: at('boot-2', 3) });
  });

  it('bypasses the cache while the feed has not told its cluster', () => {
    expect(decideConsistency(token(at('a', 5)), clock({}))).toEqual({
      mayUseCache: false,
      after: at('a', 5),
    });
    expect(decideConsistency(token(at('a', 5), at('b', 5)), clock({}))).toEqual({
      mayUseCache: false,
      after: undefined,
    });
  });

  it.each([
    ['a token of another cluster', [at('b', 1)], at('a', 9)],
    ['a token of several', [at('a', 5), at('b', 1)], at('a', 9)],
    ['a token that asks for less', [at('a', 5)], at('a', 9)],
    ['a token that asks for more', [at('a', 12)], at('a', 12)],
  ])(
    'loads what is as new as what others have purged by, before its feed tells a time: %s',
    (_name, times, after) => {
      const started = clock({ sharedTime: at('a', 9) });
      expect(decideConsistency(token(...times), started)).toEqual({ mayUseCache: false, after });
    },
  );

  it.each([
    ['may use the cache for a token of another cluster', [at('b', 1)], true, at('a', 9)],
    ['bypasses it for what others have purged by: memory may be older', [at('a', 5)], false, at('a', 9)],
    ['bypasses it for what is newer', [at('a', 12), at('b', 1)], false, at('a', 12)],
  ])(
    'from a subgraph without a feed of which only others have heard %s',
    (_name, times, mayUseCache, after) => {
      const started = clock({ hasFeed: false, sharedTime: at('a', 9) });
      expect(decideConsistency(token(...times), started)).toEqual({ mayUseCache, after });
    },
  );

  it('bypasses the cache while the feed replays, and still knows the cluster', () => {
    const known = clock({ latestTime: at('a', 9) });
    expect(decideConsistency(token(at('a', 5), at('b', 5)), known)).toEqual({
      mayUseCache: false,
      after: at('a', 9),
    });
  });

  it('from a subgraph without a feed goes by the changes that were heard of', () => {
    const known = clock({ hasFeed: false, latestTime: at('a', 5) });
    expect(decideConsistency(token(at('a', 5)), known).mayUseCache).toBe(true);
    expect(decideConsistency(token(at('a', 6)), known)).toEqual({ mayUseCache: false, after: at('a', 6) });
    expect(decideConsistency(token(at('a', 6)), clock({ hasFeed: false })).mayUseCache).toBe(true);
  });
});
