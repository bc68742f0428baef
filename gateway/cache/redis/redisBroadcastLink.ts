import { once } from 'node:events';
import { systemTimers, type Timers } from '../../../platform/database/timers.js';
import type { Logger } from '../../../platform/logger.js';
import { Backoff } from '../feed/backoff.js';
import { createRedisClient } from './createRedisClient.js';
import { withDeadline } from './deadline.js';

export interface RedisBroadcastLinkOptions {
  /** Servers that hear each other: one, or nodes of one cluster. They are tried in turn. */
  readonly urls: readonly [string, ...string[]];
  readonly channel: string;
  readonly connectTimeoutMs: number;
  onMessage(text: string): void;
  /** Subscribed, for the first time or again. What was sent before was missed. */
  onSubscribed(): void;
  readonly timers?: Timers | undefined;
  readonly logger: Logger;
}

export interface RedisBroadcastLink {
  /** @throws while there is no connection */
  publish(text: string): Promise<void>;
  close(): Promise<void>;
}

/**
 * Two connections, one to hear and one to speak, since one that is subscribed takes no other commands. When one of them
 * is lost, both are made anew, for as long as the link is open.
 */
export function openRedisBroadcastLink(options: RedisBroadcastLinkOptions): RedisBroadcastLink {
  const { urls, channel, connectTimeoutMs, timers = systemTimers, logger } = options;
  const closing = new AbortController();
  const backoff = new Backoff({ minMs: 50, maxMs: 2_000 });
  let attempts = 0;
  let speak: ((text: string) => Promise<unknown>) | undefined;

  /** Until one of the connections is lost, or the link is closed. */
  async function hold(url: string): Promise<void> {
    const lost = new AbortController();
    const give = () => lost.abort();
    const open = () => {
      const { client } = createRedisClient({ urls: [url], cluster: false, connectTimeoutMs });
      client.on('error', (error) => lost.abort(error)).once('end', give);
      return client;
    };
    const listener = open();
    const speaker = open();
    closing.signal.addEventListener('abort', give, { once: true });
    try {
      const connected = Promise.all([listener.connect(), speaker.connect()]);
      await withDeadline(Promise.race([connected, aborted(lost.signal)]), 'connecting', connectTimeoutMs);
      const subscribed = listener.subscribe(channel, options.onMessage);
      await withDeadline(Promise.race([subscribed, aborted(lost.signal)]), 'subscribing', connectTimeoutMs);
      lost.signal.throwIfAborted();
      speak = (text) => speaker.publish(channel, text);
      backoff.succeeded();
      options.onSubscribed();
      await aborted(lost.signal);
      lost.signal.throwIfAborted();
    } finally {
      speak = undefined;
      closing.signal.removeEventListener('abort', give);
      for (const client of [listener, speaker]) if (client.isOpen) client.destroy();
    }
  }

  async function run(): Promise<void> {
    while (!closing.signal.aborted) {
      const url = urls[attempts++ % urls.length] as string;
      await hold(url).catch((err: unknown) => {
        const { failures } = backoff;
        if (!closing.signal.aborted) logger.warn({ err, failures }, 'no connection to the purges of others');
      });
      if (!closing.signal.aborted) await pause(backoff.nextMs());
    }
  }

  function pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const stop = timers.after(ms, done);
      function done(): void {
        stop();
        closing.signal.removeEventListener('abort', done);
        resolve();
      }
      closing.signal.addEventListener('abort', done, { once: true });
    });
  }
  const running = run();

  return {
    async publish(text) {
      if (speak === undefined) throw new Error('there is no connection to Redis');
      await speak(text);
    },
    async close() {
      closing.abort();
      await running;
    },
  };
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort');
}
