import type { Database } from '../../platform/database/database.js';
import { CursorLostError } from '../../platform/database/errors.js';
import type { Logger } from '../../platform/logger.js';
import { cancellable } from './cancellable.js';
import { type Change, ChangeRing } from './changeRing.js';

export interface ChangeSourceOptions {
  readonly database: Database;
  /** Names of watched collections. */
  readonly collections: readonly string[];
  /** How often at least an entry comes. @default 1000 */
  readonly heartbeatMs?: number;
  /** Entries kept for subscribers that fall behind or come back; older ones are read from the database. @default 4096 */
  readonly capacity?: number;
  /** How long to wait before the stream is opened anew after a fault. @default 1000 */
  readonly retryMs?: number;
  readonly logger: Logger;
}

/** The one change stream of a process, for any number of subscribers. */
export interface ChangeSource {
  /** Resolves once every later write is certain to be seen. */
  readonly ready: Promise<void>;
  /** How many iterate right now. */
  readonly subscribers: number;
  /**
   * Every change after the cursor, or from now on, in order, none left out; a slow subscriber costs no memory.
   * Without a cursor the first entry may be a heartbeat that repeats the last known cursor: where this begins.
   * Fails with `CursorLostError` when the changes after the cursor are gone.
   */
  subscribe(options?: { readonly after?: string | undefined }): AsyncGenerator<Change, void, undefined>;
  close(): Promise<void>;
}

export function createChangeSource(options: ChangeSourceOptions): ChangeSource {
  const { database, collections, heartbeatMs = 1_000, capacity = 4_096, retryMs = 1_000, logger } = options;
  let ring = new ChangeRing(capacity);
  const closing = new AbortController();
  const waiting = new Set<() => void>();
  let subscribers = 0;
  let feed = database.watch({ collections, heartbeatMs });
  const ready = feed.ready;
  // Whoever waits for `ready` hears of the failure; nobody waiting must not end the process.
  ready.catch(() => undefined);

  const wake = (): void => {
    for (const resolve of waiting) resolve();
    waiting.clear();
  };

  const pump = async (): Promise<void> => {
    while (!closing.signal.aborted) {
      try {
        for await (const entry of feed) {
          ring.push(entry);
          wake();
        }
        if (!closing.signal.aborted) throw new Error('the change stream ended');
      } catch (error) {
        if (closing.signal.aborted) return;
        const after = error instanceof CursorLostError ? undefined : ring.last?.cursor;
        logger.error({ err: error, resumes: after !== undefined }, 'the change stream failed');
        if (after === undefined) {
          // What happened meanwhile is unknown: whoever reads the old ring has to be told.
          ring = new ChangeRing(capacity);
          wake();
        }
        await feed.close().catch(() => undefined);
        await delay(retryMs, closing.signal);
        if (closing.signal.aborted) return;
        feed = database.watch({ collections, heartbeatMs, after });
        feed.ready.catch(() => undefined);
      }
    }
  };
  const pumping = pump();

  async function* read(
    after: string | undefined,
    signal: AbortSignal,
  ): AsyncGenerator<Change, void, undefined> {
    const own = ring;
    let cursor = after ?? own.last?.cursor;
    let position = after === undefined ? own.end : own.positionAfter(after);
    if (after === undefined && own.last !== undefined) yield asHeartbeat(own.last);
    while (!signal.aborted) {
      if (own !== ring) throw new CursorLostError('the change stream had to begin anew');
      const entry = position === undefined ? undefined : own.at(position);
      if (entry !== undefined) {
        position = (position as number) + 1;
        cursor = entry.cursor;
        yield entry;
      } else if (position === own.end) {
        await new Promise<void>((resolve) => {
          waiting.add(resolve);
          signal.addEventListener('abort', () => resolve(), { once: true });
        });
      } else {
        if (cursor === undefined) throw new CursorLostError('fell behind before the first event');
        for await (const past of history(cursor, signal)) {
          cursor = past.cursor;
          yield past;
          position = own.positionAfter(cursor);
          if (position !== undefined || own !== ring) break;
        }
      }
    }
  }

  /** From the database: what the ring no longer holds. */
  async function* history(after: string, signal: AbortSignal): AsyncGenerator<Change, void, undefined> {
    const past = database.watch({ collections, heartbeatMs, after });
    past.ready.catch(() => undefined);
    const stop = (): void => void past.close().catch(() => undefined);
    signal.addEventListener('abort', stop, { once: true });
    try {
      yield* past;
    } finally {
      signal.removeEventListener('abort', stop);
      await past.close();
    }
  }

  return {
    ready,
    get subscribers() {
      return subscribers;
    },
    subscribe: ({ after } = {}) =>
      cancellable(async function* (cancelled) {
        const signal = AbortSignal.any([cancelled, closing.signal]);
        await ready;
        subscribers += 1;
        try {
          yield* read(after, signal);
        } finally {
          subscribers -= 1;
        }
      }),
    async close() {
      closing.abort();
      wake();
      await feed.close();
      await pumping;
    },
  };
}

function asHeartbeat({ cursor, operationTime }: Change): Change {
  return { kind: 'heartbeat', cursor, operationTime };
}

function delay(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
    signal.addEventListener('abort', done, { once: true });
  });
}
