import { systemTimers } from '../../../platform/database/timers.js';
import { Backoff } from './backoff.js';
import { CursorSaver } from './cursorSaver.js';
import type { FeedEnd } from './feedConnection.js';
import type { FeedOptions } from './feedOptions.js';
import { type FeedProgress, type FeedSession, startFeedSession } from './feedSession.js';
import { type FeedState, FeedTrust } from './feedTrust.js';
import { SharedReplay } from './sharedReplay.js';

/** For the caches, metrics, health and explain. */
export interface FeedStatus {
  readonly subgraph: string;
  readonly state: FeedState;
  /** Entries of this subgraph may be served as fresh: `heartbeatTimeoutMs` ago at most, everything was applied. */
  readonly mayServe: boolean;
  /** The shared cache may be read for this subgraph: what it might have missed was replayed. */
  readonly mayUseShared: boolean;
  /** Up to where all changes are applied; `undefined` while that is not known. */
  readonly operationTime: string | undefined;
  /** Since when nothing has confirmed that everything is applied: the lag is no longer than that. */
  readonly unconfirmedForMs: number;
  readonly queuedTags: number;
  /** How long the latest purge took. */
  readonly lastPurgeMs: number | undefined;
  readonly events: number;
  readonly connections: number;
  readonly epochs: number;
}

export interface Feed {
  readonly status: FeedStatus;
  /**
   * To be called when the shared cache is back after it was out of reach: it may have lost purges. Until everything
   * after its own cursor was applied again, it is not to be read. Never rejects.
   */
  replay(): Promise<void>;
  /** Stops at once; a purge under way is finished. */
  close(): Promise<void>;
}

/**
 * Follows the feed of one subgraph, each invalidation in order, and comes back after every fault. It resumes after the
 * last applied cursor. Without one, or when the subgraph has lost it, everything of the subgraph is purged, once the
 * new subscription is known to have begun: whatever changes after the purge is then sure to be sent.
 *
 * It has caught up when everything is applied up to the present that a second subscription, made after the first on
 * the same connection, has named (`hasReached`).
 */
export function createFeed(options: FeedOptions): Feed {
  const { subgraph, cursorStore, heartbeatTimeoutMs = 5_000, saveEveryMs = 1_000, logger } = options;
  const timers = options.timers ?? systemTimers;
  const progress: FeedProgress = { cursor: undefined, operationTime: undefined };
  const counts = { events: 0, connections: 0, epochs: 0 };
  const backoff = new Backoff(options.backoff);
  let session: FeedSession | undefined;
  let rewindTo: string | undefined;
  let lastPurgeMs: number | undefined;
  let replayedAt = 0;
  let closed = false;
  let wake = (): void => undefined;

  const trust = new FeedTrust({
    allowanceMs: heartbeatTimeoutMs,
    timers,
    onChange(state) {
      logger.info({ subgraph, state }, 'the invalidation feed changed its state');
      options.onStateChange?.(state);
    },
  });
  const saver = new CursorSaver({
    subgraph,
    store: cursorStore,
    settled: async () => options.settled?.(),
    everyMs: saveEveryMs,
    settleTimeoutMs: heartbeatTimeoutMs,
    timers,
    onFailure: (error) => replay.lost(error),
  });
  const replay = new SharedReplay(
    subgraph,
    cursorStore,
    {
      get cursor() {
        return progress.cursor;
      },
      hold() {
        trust.holdShared();
        saver.hold();
      },
      release() {
        trust.releaseShared();
        saver.release();
      },
      dropShared: () => options.onEpoch(subgraph, { scope: 'shared', operationTime: progress.operationTime }),
      reconnect: () => session?.close(),
      rewind(cursor) {
        rewindTo = cursor;
        session?.close();
      },
    },
    logger,
  );

  function startSession(): FeedSession {
    if (rewindTo !== undefined) {
      progress.cursor = rewindTo;
      progress.operationTime = undefined;
      rewindTo = undefined;
    }
    return startFeedSession({
      subgraph,
      url: options.url,
      token: options.token,
      connectTimeoutMs: options.connectTimeoutMs ?? 5_000,
      silenceMs: heartbeatTimeoutMs,
      limits: { maxBatchTags: options.maxBatchTags ?? 1_000, maxQueuedTags: options.maxQueuedTags ?? 20_000 },
      progress,
      timers,
      logger,
      onConnected() {
        counts.connections += 1;
        trust.catchingUp();
      },
      async beginEpoch({ operationTime }) {
        counts.epochs += 1;
        const scope = replay.unknown ? 'process' : 'everything';
        await options.onEpoch(subgraph, { scope, operationTime });
      },
      async applyTags({ tags, changedAt }) {
        const startedAt = timers.now();
        await options.onInvalidation({ source: subgraph, tags, operationTime: changedAt, by: 'feed' });
        lastPurgeMs = timers.now() - startedAt;
      },
      onProgress({ cursor, events }) {
        counts.events += events;
        saver.save(cursor);
        if (replay.unknown && timers.now() - replayedAt >= saveEveryMs) {
          replayedAt = timers.now();
          void replay.start();
        }
      },
      onCaughtUp() {
        backoff.succeeded();
        if (rewindTo === undefined) replay.caughtUp();
      },
      onComplete: (asOf) => trust.completeAsOf(asOf),
    });
  }

  async function run(): Promise<void> {
    try {
      progress.cursor = await cursorStore.load(subgraph);
    } catch (error) {
      replay.lost(error);
    }
    while (!closed) {
      session = startSession();
      const end = await session.ended;
      if (closed) return;
      trust.connecting();
      await pause(waitAfter(end));
    }
  }

  function waitAfter(end: FeedEnd): number {
    if (end.kind === 'closed') return 0;
    if (end.kind === 'cursor-lost') {
      logger.warn({ subgraph }, 'the feed lost the cursor: everything of the subgraph is purged');
      const resumed = progress.cursor !== undefined;
      progress.cursor = undefined;
      progress.operationTime = undefined;
      if (resumed) return 0;
    }
    const waitMs = backoff.nextMs();
    const err = end.kind === 'fault' ? end.error : undefined;
    logger.warn({ err, subgraph, waitMs, failures: backoff.failures }, 'the invalidation feed broke off');
    return waitMs;
  }

  function pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const stop = timers.after(ms, resolve);
      wake = () => {
        stop();
        resolve();
      };
    });
  }

  const running = run();
  return {
    get status() {
      return {
        subgraph,
        state: trust.state,
        mayServe: trust.mayServe,
        mayUseShared: trust.mayUseShared,
        operationTime: progress.operationTime,
        unconfirmedForMs: trust.unconfirmedForMs,
        queuedTags: session?.queuedTags ?? 0,
        lastPurgeMs,
        ...counts,
      };
    },
    replay: () => replay.start(),
    async close() {
      closed = true;
      trust.close();
      saver.close();
      session?.close();
      wake();
      await running;
    },
  };
}
