import type { SupergraphSource } from './supergraphSource.js';

export interface StaticSource extends SupergraphSource {
  /** As if a new supergraph had been published. Resolves when it is served, or was refused. */
  publish(supergraphSdl: string): Promise<void>;
}

/** A supergraph that the program itself holds, for `headgate start` and for tests. */
export function createStaticSource(supergraphSdl: string): StaticSource {
  let listener: ((text: string) => void | Promise<void>) | undefined;
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
    async publish(text) {
      current = text;
      await listener?.(text);
    },
  };
}
