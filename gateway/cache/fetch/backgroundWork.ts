/** Work that nobody awaits, but that shutdown and tests wait for. */
export interface BackgroundWork {
  /** Takes a promise in. Its rejection is reported, not thrown. */
  run(work: Promise<unknown>): void;
  /** Resolves when nothing is left, work that began meanwhile included. */
  drain(): Promise<void>;
}

export function createBackgroundWork(onError: (error: unknown) => void): BackgroundWork {
  const underWay = new Set<Promise<void>>();
  return {
    run(work) {
      const settled = work.then(() => undefined, onError).finally(() => underWay.delete(settled));
      underWay.add(settled);
    },
    async drain() {
      while (underWay.size > 0) await Promise.all(underWay);
    },
  };
}
