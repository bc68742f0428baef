import type { Logger } from '../../../platform/logger.js';
import type { Broadcast, BroadcastListener } from '../invalidate/broadcast.js';
import { formatPurgeNotice, parsePurgeNotice } from '../invalidate/purgeNotice.js';

/**
 * A connection that nobody else uses: one that is subscribed takes no other commands. It connects anew by itself, and
 * subscribes again before it says `ready`, as the clients of `@redis/client` do.
 */
export interface PubSubConnection {
  connect(): Promise<unknown>;
  publish(channel: string, message: string): Promise<unknown>;
  subscribe(channel: string, listener: (message: string) => void): Promise<unknown>;
  on(event: 'ready', listener: () => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  destroy(): void;
}

export interface RedisBroadcastOptions {
  /** Names this gateway; the same for all of its workers. */
  readonly origin: string;
  /** Makes a connection that is not connected yet; with `disableOfflineQueue`, so that nothing is sent late. */
  createConnection(): PubSubConnection;
  /** @default 'headgate:purges' */
  readonly channel?: string | undefined;
  /** @default 500 */
  readonly publishDeadlineMs?: number | undefined;
  readonly logger: Logger;
}

/** Over Redis pub/sub. Redis may be out of reach, from the start too: it connects whenever it can. */
export function createRedisBroadcast(options: RedisBroadcastOptions): Broadcast {
  const { origin, channel = 'headgate:purges', publishDeadlineMs = 500, logger } = options;
  const listeners = new Set<BroadcastListener>();
  const counts = { sent: 0, unsent: 0, received: 0, malformed: 0 };
  const publisher = options.createConnection();
  const subscriber = options.createConnection();
  let subscribed = false;
  let closed = false;

  function onMessage(text: string): void {
    const notice = parsePurgeNotice(text);
    if (notice === undefined) {
      counts.malformed += 1;
    } else if (notice.origin !== origin) {
      counts.received += 1;
      for (const listener of [...listeners]) listener.onNotice(notice);
    }
  }

  async function onReady(): Promise<void> {
    try {
      // The first time only: from then on the client subscribes again by itself.
      if (!subscribed) await subscriber.subscribe(channel, onMessage);
      subscribed = true;
      // The first time as well: this process may have answered requests before.
      for (const listener of [...listeners]) listener.onGap();
    } catch (err) {
      if (!closed) logger.warn({ err, channel }, 'no subscription to the purges of other gateways');
    }
  }

  for (const connection of [publisher, subscriber]) {
    // Without a listener, an error would end the process; the client reconnects by itself.
    connection.on('error', (err) => logger.debug({ err }, 'a connection for purges has a fault'));
  }
  subscriber.on('ready', () => void onReady());
  for (const connection of [publisher, subscriber]) connection.connect().catch(() => undefined);

  return {
    counts,
    async publish(notice) {
      const sent = publisher.publish(channel, formatPurgeNotice(notice)).then(
        () => true,
        () => false,
      );
      if (!closed && (await within(sent, publishDeadlineMs))) counts.sent += 1;
      else counts.unsent += 1;
    },
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async close() {
      closed = true;
      listeners.clear();
      publisher.destroy();
      subscriber.destroy();
    },
  };
}

/** False when it takes longer. */
async function within(work: Promise<boolean>, deadlineMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), deadlineMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
