import { abortableDelay } from '../../platform/abortableDelay.js';
import type { ChangeFeed, Database } from '../../platform/database/database.js';
import { CursorLostError } from '../../platform/database/errors.js';
import type { Logger } from '../../platform/logger.js';
import { cancellable } from './cancellable.js';
import { type Change, ChangeRing } from './changeRing.js';

export interface ChangeSourceOptions {
  readonly database: Database;
  /** Names of watched collections. */
  readonly collections: readonly string[];
  /** How often at least an entry comes. @default 1000 */
  readonly heartbeatMs?: number | undefined;
  /** Entries kept for subscribers that fall behind or come back; older ones are read from the database. @default 4096 */
  readonly capacity?: number | undefined;
  /** Fields that no subscriber reads; see `WatchOptions`. What is kept for subscribers is kept without them. */
  readonly without?: readonly string[] | undefined;
  /** How long to wait before the stream is opened anew after a fault. @default 1000 */
  readonly retryMs?: number | undefined;
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
   * Without a cursor the first entry is a heartbeat with the cursor at which this begins.
   * Fails with `CursorLostError` when the changes after the cursor are gone.
   */
  subscribe(options?: { readonly after?: string | undefined }): AsyncGenerator<Change, void, undefined>;
  close(): Promise<void>;
}

export function createChangeSource(options: ChangeSourceOptions): ChangeSource {
  const {
    database,
    collections,
    without,
    heartbeatMs = 1_000,
    capacity = 4_096,
    retryMs = 1_000,
    logger,
  } = options;
  const closing = new AbortController();
  /** The stream that fills the ring, and those that read history for one subscriber. */
  const feeds = new Set<ChangeFeed>();
  const waiting = new Set<() => void>();
  let ring = new ChangeRing(capacity);
  let subscribers = 0;
  let becomeReady = (): void => undefined;
  const ready = new Promise<void>((resolve) => {
    becomeReady = resolve;
  });

  function wake(): void {
    for (const resolve of waiting) resolve();
    waiting.clear();
  }

  function open(after: string | undefined): ChangeFeed {
    const feed = database.watch({ collections, without, heartbeatMs, after });
    feeds.add(feed);
    return feed;
  }

  async function dismiss(feed: ChangeFeed): Promise<void> {
    feeds.delete(feed);
    await feed.close().catch((err: unknown) => logger.warn({ err }, 'a change stream did not close'));
  }

  async function fill(): Promise<void> {
    while (!closing.signal.aborted) {
      const feed = open(ring.last?.cursor);
      feed.ready.then(becomeReady, () => undefined);
      try {
        for await (const entry of feed) {
          ring.push(entry);
          wake();
        }
        if (!closing.signal.aborted) throw new Error('the change stream ended');
      } catch (err) {
        const resumes = !(err instanceof CursorLostError) && ring.last !== undefined;
        logger.error({ err, resumes }, 'the change stream failed');
        if (!resumes) {
          // What happened meanwhile is unknown: whoever reads the old ring has to be told.
          ring = new ChangeRing(capacity);
          wake();
        }
      }
      await dismiss(feed);
      await abortableDelay(retryMs, closing.signal);
    }
  }
  const filling = fill();

  async function* read(
    after: string | undefined,
    cancelled: AbortSignal,
  ): AsyncGenerator<Change, void, undefined> {
    const own = ring;
    const stopped = () => cancelled.aborted || closing.signal.aborted;
    let position = after === undefined ? own.end : own.positionAfter(after);
    let cursor = after ?? own.last?.cursor;
    if (after === undefined && own.last !== undefined) yield asHeartbeat(own.last);
    while (!stopped()) {
      if (own !== ring) throw new CursorLostError('the change stream had to begin anew');
      const entry = position === undefined ? undefined : own.at(position);
      if (entry !== undefined && position !== undefined) {
        position += 1;
        cursor = entry.cursor;
        yield entry;
      } else if (position === own.end) {
        await new Promise<void>((resolve) => waiting.add(resolve));
      } else {
        // Fell behind, or comes from another process: the database remembers more than the ring.
        if (cursor === undefined) throw new CursorLostError('fell behind before the first event');
        const history = open(cursor);
        const stop = (): void => void dismiss(history);
        cancelled.addEventListener('abort', stop, { once: true });
        try {
          for await (const past of history) {
            cursor = past.cursor;
            yield past;
            position = own.positionAfter(cursor);
            if (position !== undefined || own !== ring) break;
          }
        } finally {
          cancelled.removeEventListener('abort', stop);
          await dismiss(history);
        }
      }
    }
  }

  return {
    ready,
    get subscribers() {
      return subscribers;
    },
    subscribe: ({ after } = {}) =>
      cancellable(async function* (cancelled) {
        await ready;
        cancelled.addEventListener('abort', wake, { once: true });
        subscribers += 1;
        try {
          yield* read(after, cancelled);
        } finally {
          subscribers -= 1;
        }
      }),
    async close() {
      closing.abort();
      becomeReady();
      wake();
      await Promise.all([...feeds].map(dismiss));
      await filling;
    },
  };
}

function asHeartbeat({ cursor, operationTime }: Change): Change {
  return { kind: 'heartbeat', cursor, operationTime };
}
