import { abortableDelay } from '../../platform/abortableDelay.js';
import type { ChangeFeed, Database } from '../../platform/database/database.js';
import { CursorLostError } from '../../platform/database/errors.js';
import type { Logger } from '../../platform/logger.js';
import { cancellable } from './cancellable.js';
import { type Change, ChangeRing } from './changeRing.js';
import { Turns } from './turns.js';

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

/**
 * So many streams read history at a time: each of them takes a connection of those that queries need too, and after a
 * restart every subscriber comes back with a cursor.
 */
const MOST_HISTORIES = 16;
/** Read at once, before any of it is sent: a subscriber that takes its time must not keep others from their turn. */
const HISTORY_PAGE = 256;
/** History ends where nothing comes for this long. */
const HISTORY_SILENCE_MS = 100;

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
  const turns = new Turns(MOST_HISTORIES);
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

  const nextEntry = () => new Promise<void>((resolve) => waiting.add(resolve));

  function open(after: string | undefined, silenceMs = heartbeatMs): ChangeFeed {
    const feed = database.watch({ collections, without, heartbeatMs: silenceMs, after });
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

  /** The next of what the database remembers after the cursor: a page, or what there is until the ring goes on or all is silent. */
  async function remember(own: ChangeRing, after: string, cancelled: AbortSignal): Promise<Change[]> {
    const stopping = AbortSignal.any([cancelled, closing.signal]);
    const entries: Change[] = [];
    if (!(await turns.take(stopping))) return entries;
    try {
      const history = open(after, Math.min(heartbeatMs, HISTORY_SILENCE_MS));
      const stop = (): void => void dismiss(history);
      stopping.addEventListener('abort', stop, { once: true });
      try {
        for await (const entry of history) {
          entries.push(entry);
          const isEnd = entry.kind === 'heartbeat' || own.positionAfter(entry.cursor) !== undefined;
          if (isEnd || entries.length === HISTORY_PAGE) break;
        }
      } finally {
        stopping.removeEventListener('abort', stop);
        await dismiss(history);
      }
    } catch (err) {
      if (err instanceof CursorLostError) throw err;
      logger.warn({ err }, 'what a subscriber missed could not be read; it is tried again');
      await abortableDelay(retryMs, stopping);
    } finally {
      turns.giveBack();
    }
    return entries;
  }

  /**
   * Where the ring goes on after a heartbeat of another stream, which has cursors of its own: from its time, since all
   * before that was sent. `undefined` when the ring does not reach back so far.
   */
  async function placeAfter(
    own: ChangeRing,
    { cursor, operationTime }: Change,
    stopped: () => boolean,
  ): Promise<number | undefined> {
    while (own === ring && !stopped() && own.hasAllFrom(operationTime)) {
      const position = own.positionAfter(cursor) ?? own.positionFrom(operationTime);
      if (position !== undefined) return position;
      await nextEntry();
    }
    return undefined;
  }

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
        await nextEntry();
      } else {
        // Fell behind, or comes from another process: the database remembers more than the ring.
        if (cursor === undefined) throw new CursorLostError('fell behind before the first event');
        const begin: string = cursor;
        const entries = await remember(own, begin, cancelled);
        for (const past of entries) {
          cursor = past.cursor;
          yield past;
        }
        position = own.positionAfter(cursor);
        const last = entries.at(-1);
        if (
          position === undefined &&
          last?.kind === 'heartbeat' &&
          isBehindAll(last, begin, entries.at(-2))
        ) {
          position = await placeAfter(own, last, stopped);
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

/** Not of the very change before it: other changes of its time, and itself, may be still to come in the ring. */
function isBehindAll({ cursor, operationTime }: Change, begin: string, before: Change | undefined): boolean {
  if (cursor === begin || operationTime === undefined) return false;
  return before?.operationTime === undefined || before.operationTime < operationTime;
}

function asHeartbeat({ cursor, operationTime }: Change): Change {
  return { kind: 'heartbeat', cursor, operationTime };
}
