import type { Timers } from '../../../platform/database/timers.js';
import type { Logger } from '../../../platform/logger.js';
import { type FeedEnd, openFeedConnection } from './feedConnection.js';
import type { FeedEvent } from './feedEvent.js';
import { type FeedBatch, FeedQueue, type FeedQueueLimits } from './feedQueue.js';
import { hasReached } from './hasReached.js';

/** Up to where the feed is applied; outlives sessions. */
export interface FeedProgress {
  cursor: string | undefined;
  operationTime: string | undefined;
}

export interface FeedSessionOptions {
  readonly subgraph: string;
  readonly url: string;
  readonly token: string | undefined;
  readonly connectTimeoutMs: number;
  /** A connection on which nothing comes for longer is given up. */
  readonly silenceMs: number;
  readonly limits: FeedQueueLimits;
  readonly progress: FeedProgress;
  onConnected(): void;
  /** The feed has begun without a past: everything before this event is unknown. */
  beginEpoch(first: FeedBatch): Promise<void>;
  applyTags(batch: FeedBatch): Promise<void>;
  /** Progress was made. */
  onProgress(batch: FeedBatch): void;
  /** Once per session: what had happened when it began has been applied. */
  onCaughtUp(): void;
  /** Everything that had happened by then is applied. Only after `onCaughtUp`. */
  onComplete(asOf: number): void;
  readonly timers: Timers;
  readonly logger: Logger;
}

export interface FeedSession {
  /** Resolves when the connection has ended and nothing is being applied any more. Never rejects. */
  readonly ended: Promise<FeedEnd>;
  readonly queuedTags: number;
  close(): void;
}

/** Follows the feed over one connection, from the progress made so far: strictly in order, one purge at a time. */
export function startFeedSession(options: FeedSessionOptions): FeedSession {
  const { subgraph, progress, silenceMs, timers, logger } = options;
  const after = progress.cursor;
  const queue = new FeedQueue(subgraph, options.limits);
  let epochDue = after === undefined;
  let now: { readonly event: FeedEvent; readonly receivedAt: number } | undefined;
  let caughtUp = false;
  let over = false;
  let lastHeardAt = timers.now();
  let busy = false;
  let applying = Promise.resolve();

  const connection = openFeedConnection({
    url: options.url,
    token: options.token,
    after,
    connectTimeoutMs: options.connectTimeoutMs,
    onConnected: options.onConnected,
    onEvent(event) {
      lastHeardAt = timers.now();
      queue.push(event, lastHeardAt);
      if (!busy) applying = applyQueued();
    },
    onNow(event) {
      now = { event, receivedAt: timers.now() };
      if (!busy) confirm(now.receivedAt, false);
    },
  });

  async function applyQueued(): Promise<void> {
    busy = true;
    try {
      for (let batch = queue.take(); batch !== undefined; batch = over ? undefined : queue.take()) {
        if (epochDue) await options.beginEpoch(batch);
        epochDue = false;
        if (batch.tags.length > 0) await options.applyTags(batch);
        progress.cursor = batch.cursor;
        progress.operationTime = batch.operationTime ?? progress.operationTime;
        options.onProgress(batch);
        confirm(batch.receivedAt, batch.quiet && now !== undefined && batch.receivedAt > now.receivedAt);
      }
    } catch (err) {
      logger.error({ err, subgraph }, 'an invalidation could not be applied: the feed goes back to it');
      connection.close({ kind: 'fault', error: err });
    } finally {
      busy = false;
    }
  }

  function confirm(receivedAt: number, quiet: boolean): void {
    if (!caughtUp) {
      const reached = now !== undefined && hasReached({ ...progress, quiet }, now.event);
      const begunNow = after === undefined && !epochDue;
      if (!reached && !begunNow) return;
      caughtUp = true;
      options.onCaughtUp();
    }
    options.onComplete(receivedAt);
  }

  /** A peer that vanished without a word leaves the connection open for ever. */
  let stopWatching = (): void => undefined;
  function watchForSilence(): void {
    const remainingMs = lastHeardAt + silenceMs - timers.now();
    stopWatching = timers.after(Math.max(0, remainingMs) + 1, () => {
      if (timers.now() - lastHeardAt <= silenceMs) return watchForSilence();
      connection.close({ kind: 'fault', error: new Error(`nothing came for ${silenceMs} ms`) });
    });
  }
  watchForSilence();

  async function finish(): Promise<FeedEnd> {
    const end = await connection.ended;
    over = true;
    stopWatching();
    await applying;
    return end;
  }

  return {
    ended: finish(),
    get queuedTags() {
      return queue.tags;
    },
    close: () => connection.close(),
  };
}
