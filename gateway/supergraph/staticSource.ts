import type { SupergraphSource } from './supergraphSource.js';

export interface StaticSource extends SupergraphSource {
  /** As if a new supergraph had been published. */
  publish(supergraphSdl: string): void;
}

/** A supergraph that the program itself holds, for `headgate start` and for tests. */
export function createStaticSource(supergraphSdl: string): StaticSource {
  let listener: ((text: string) => void) | undefined;
  let current = supergraphSdl;
  return {
    description: 'memory',
    read: async () => current,
    watch(onChange) {
      listener = onChange;
    },
    close() {
      listener = undefined;
    },
    publish(text) {
      current = text;
      listener?.(text);
    },
  };
}
