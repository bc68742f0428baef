import { systemTimers, type Timers } from '../../../platform/database/timers.js';
import type { CursorStore } from '../feed/cursorStore.js';
import { withDeadline } from './deadline.js';
import type { CommandSender } from './luaScript.js';

export interface RedisCursorStoreOptions {
  readonly redis: CommandSender;
  /** The same as the tier's. @default 'hg' */
  readonly namespace?: string | undefined;
  /** @default 500 */
  readonly deadlineMs?: number | undefined;
  readonly timers?: Timers | undefined;
}

/**
 * The cursor beside the records that it speaks for, so that a Redis that loses or restores one does so with the other.
 * All gateways share it: a purge that one of them has done is done.
 */
export function createRedisCursorStore(options: RedisCursorStoreOptions): CursorStore {
  const { redis, namespace = 'hg', deadlineMs = 500, timers = systemTimers } = options;

  function send(command: string, subgraph: string, ...args: readonly string[]): Promise<unknown> {
    // In the slot of the first bucket: with one bucket, they live and die together.
    const key = `{${namespace}:00}:cursor:${subgraph}`;
    return withDeadline(redis.send(key, [command, key, ...args]), command, deadlineMs, timers);
  }

  return {
    async load(subgraph) {
      const reply = await send('GET', subgraph);
      return typeof reply === 'string' && reply !== '' ? reply : undefined;
    },
    async save(subgraph, cursor) {
      await send('SET', subgraph, cursor);
    },
  };
}
