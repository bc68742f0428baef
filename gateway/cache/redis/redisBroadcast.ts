import { systemTimers, type Timers } from '../../../platform/database/timers.js';
import type { Logger } from '../../../platform/logger.js';
import type { Broadcast, BroadcastListener } from '../invalidate/broadcast.js';
import { formatPurgeNotice, parsePurgeNotice } from '../invalidate/purgeNotice.js';
import { withDeadline } from './deadline.js';
import { openRedisBroadcastLink } from './redisBroadcastLink.js';

export interface RedisBroadcastOptions {
  /** Names this gateway; the same for all of its workers. */
  readonly origin: string;
  /** `redis[s]://…`; several are nodes of one cluster. */
  readonly urls: readonly [string, ...string[]];
  /** The same as the tier's; the channel is `<namespace>:purges`. @default 'hg' */
  readonly namespace?: string | undefined;
  /** @default 2000 */
  readonly connectTimeoutMs?: number | undefined;
  /** @default 500 */
  readonly publishDeadlineMs?: number | undefined;
  readonly timers?: Timers | undefined;
  readonly logger: Logger;
}

/**
 * Over Redis pub/sub, on connections of its own. Redis may be out of reach, from the start too: notices are lost then,
 * and listeners are told of the gap once it is back.
 */
export function createRedisBroadcast(options: RedisBroadcastOptions): Broadcast {
  const { origin, namespace = 'hg', timers = systemTimers, logger } = options;
  const listeners = new Set<BroadcastListener>();
  const counts = { sent: 0, unsent: 0, received: 0, malformed: 0 };
  const link = openRedisBroadcastLink({
    urls: options.urls,
    channel: `${namespace}:purges`,
    connectTimeoutMs: options.connectTimeoutMs ?? 2_000,
    onMessage(text) {
      const notice = parsePurgeNotice(text);
      if (notice === undefined) {
        counts.malformed += 1;
      } else if (notice.origin !== origin) {
        counts.received += 1;
        for (const listener of [...listeners]) listener.onNotice(notice);
      }
    },
    onSubscribed() {
      for (const listener of [...listeners]) listener.onGap();
    },
    timers,
    logger,
  });

  return {
    counts,
    async publish(notice) {
      try {
        const sent = link.publish(formatPurgeNotice(notice));
        await withDeadline(sent, 'publishing a purge', options.publishDeadlineMs ?? 500, timers);
        counts.sent += 1;
      } catch (err) {
        counts.unsent += 1;
        logger.debug({ err, source: notice.invalidation.source }, 'other gateways were not told of a purge');
      }
    },
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async close() {
      listeners.clear();
      await link.close();
    },
  };
}
