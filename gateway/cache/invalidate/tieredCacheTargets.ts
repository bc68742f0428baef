import type { TieredCache } from '../tieredCache.js';
import type { ProcessTarget, SharedTarget } from './invalidationTarget.js';

type PurgedCache = Pick<TieredCache, 'invalidate' | 'invalidateMemory' | 'settle'>;

/** Both tiers, as an invalidator tells them. */
export function tieredCacheTargets(cache: PurgedCache): readonly [ProcessTarget, SharedTarget] {
  return [
    {
      scope: 'process',
      name: 'memory',
      invalidate: (invalidation) => void cache.invalidateMemory(invalidation),
    },
    {
      scope: 'shared',
      name: 'remote',
      async invalidate(invalidation) {
        const { remote } = await cache.invalidate(invalidation);
        return remote === 'owed' ? 'bypassed' : 'purged';
      },
      async settled() {
        if (!(await cache.settle())) throw new Error('the remote tier could not be told of all purges');
      },
    },
  ];
}
