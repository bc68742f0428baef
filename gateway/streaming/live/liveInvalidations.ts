import { Fence } from '../../cache/fence.js';
import type { Invalidation } from '../../cache/invalidation.js';

/** Who wants to know which tags are invalidated. */
export interface LiveInvalidations {
  /** To be taken before a query is executed, since its tags are known only afterwards. */
  begin(): number;
  /**
   * Calls back for each invalidation of one of the tags from now on.
   * @param begun when what has these tags was begun
   * @returns whether one of them was invalidated since; and a function that stops it
   */
  watch(begun: number, tags: ReadonlySet<string>, onTouched: () => void): Watch;
  close(): void;
}

export interface Watch {
  readonly isTouched: boolean;
  stop(): void;
}

/** @param onApplied tells of invalidations after which loads bring the new value */
export function createLiveInvalidations(
  onApplied: (listener: (invalidation: Invalidation) => void) => () => void,
): LiveInvalidations {
  const fence = new Fence();
  const watchers = new Map<string, Set<() => void>>();

  const close = onApplied(({ tags }) => {
    fence.invalidate(tags);
    const touched = new Set<() => void>();
    for (const tag of tags) for (const callback of watchers.get(tag) ?? []) touched.add(callback);
    for (const callback of touched) callback();
  });

  return {
    begin: () => fence.begin(),
    watch(begun, tags, onTouched) {
      // One function for each call, so that two watches of one owner do not stop each other.
      const callback = () => onTouched();
      for (const tag of tags) {
        const known = watchers.get(tag);
        if (known === undefined) watchers.set(tag, new Set([callback]));
        else known.add(callback);
      }
      return {
        isTouched: !fence.admits(begun, [...tags]),
        stop() {
          for (const tag of tags) {
            const known = watchers.get(tag);
            known?.delete(callback);
            if (known?.size === 0) watchers.delete(tag);
          }
        },
      };
    },
    close() {
      close();
      watchers.clear();
    },
  };
}
