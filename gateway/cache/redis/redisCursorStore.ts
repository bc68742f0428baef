import type { CursorStore } from '../feed/cursorStore.js';

/** The commands that are needed. Each rejects within a deadline when Redis is out of reach. */
export interface CursorCommands {
  get(key: string): Promise<string | null>;
  set(key: string, value: string): Promise<unknown>;
}

export interface RedisCursorStoreOptions {
  readonly commands: CursorCommands;
  /** Before the subgraph's name. @default '{hg:00}:cursor:' */
  readonly prefix?: string | undefined;
}

/**
 * The cursor beside the records that it speaks for, so that a Redis that loses, evicts or restores one does so with the
 * other. All gateways share it: a purge that one of them has done is done.
 */
export function createRedisCursorStore(options: RedisCursorStoreOptions): CursorStore {
  const { commands, prefix = '{hg:00}:cursor:' } = options;
  return {
    load: async (subgraph) => (await commands.get(prefix + subgraph)) ?? undefined,
    save: async (subgraph, cursor) => {
      await commands.set(prefix + subgraph, cursor);
    },
  };
}
