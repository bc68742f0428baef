import type { CursorStore } from './cursorStore.js';

/** For a gateway without Redis: its caches begin empty with the process, and so does this. */
export function createMemoryCursorStore(): CursorStore {
  const cursors = new Map<string, string>();
  return {
    load: async (subgraph) => cursors.get(subgraph),
    save: async (subgraph, cursor) => {
      cursors.set(subgraph, cursor);
    },
  };
}
