import type { Logger } from '../../platform/logger.js';
import type { Clock } from '../shared/clock.js';
import type { InventoryStore } from './store.js';

export interface SweeperOptions {
  readonly store: Pick<InventoryStore, 'releaseExpired' | 'archiveSettled'>;
  /** Time between the end of one sweep and the start of the next. */
  readonly intervalMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface Sweeper {
  /** Lets a sweep that is under way finish. */
  close(): Promise<void>;
}

/** Gives back expired holds again and again. Each process of inventory has one; they do not disturb each other. */
export function startSweeper({ store, intervalMs, clock, logger }: SweeperOptions): Sweeper {
  let closed = false;
  let timer: NodeJS.Timeout | undefined;
  let sweeping = Promise.resolve();

  const sweep = async (): Promise<void> => {
    try {
      const expired = await store.releaseExpired(clock());
      const archived = await store.archiveSettled(clock());
      if (expired > 0 || archived > 0) logger.info({ expired, archived }, 'swept reservations');
    } catch (error) {
      // The next sweep finds what this one left.
      logger.error({ err: error }, 'could not sweep reservations');
    }
    if (!closed) schedule();
  };
  const schedule = (): void => {
    timer = setTimeout(() => {
      sweeping = sweep();
    }, intervalMs);
  };
  schedule();

  return {
    async close() {
      closed = true;
      clearTimeout(timer);
      await sweeping;
    },
  };
}
