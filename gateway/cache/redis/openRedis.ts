import { once } from 'node:events';
import KeyvRedis from '@keyv/redis';
import type { Keyv } from 'keyv';
import { systemTimers, type Timers } from '../../../platform/database/timers.js';
import { Backoff } from '../feed/backoff.js';
import { createRedisClient, type RedisClient } from './createRedisClient.js';
import { withDeadline } from './deadline.js';
import { openEnvelopeKeyv, type StampedRecord } from './envelope.js';
import type { CommandSender } from './luaScript.js';

export interface OpenRedisOptions {
  /** `redis[s]://…`; several are nodes of one cluster. */
  readonly urls: readonly [string, ...string[]];
  /** @default whether there are several URLs */
  readonly cluster?: boolean;
  /** From the first packet until commands are taken; then it is tried anew. @default 2000 */
  readonly connectTimeoutMs?: number;
  readonly timers?: Timers;
  /** Told each reason for which a connection was lost or not made. */
  readonly onError?: (error: Error) => void;
  /** Told how long each command took. */
  readonly onCommand?: (outcome: 'answered' | 'failed', durationMs: number) => void;
}

/**
 * The one connection of this process to Redis. It is made in the background, and again whenever it is lost; meanwhile
 * commands are refused at once. A command that is sent may still never be answered: callers bring a deadline.
 */
export interface Redis extends CommandSender {
  readonly topology: 'single' | 'cluster';
  /** Keyv on the same connection, with the same envelope. Without deadlines: for tools and tests. */
  readonly keyv: Keyv<StampedRecord>;
  readonly isReady: boolean;
  /** Resolves when commands are taken. */
  ready(): Promise<void>;
  /**
   * Calls back whenever a new connection takes commands, before the first of them is sent: what is behind it may be
   * older than what was there before. @returns a function that stops it
   */
  onReady(listener: () => void): () => void;
  /** Gives the connection up, with everything that waits for an answer on it, and makes a new one. */
  reconnect(): void;
  /** Names of keys that match, from all masters, page by page; some may come twice. */
  scan(pattern: string): AsyncIterable<readonly string[]>;
  close(): Promise<void>;
}

/** No connection at the moment. */
export class RedisOfflineError extends Error {
  override readonly name = 'RedisOfflineError';

  constructor() {
    super('there is no connection to Redis');
  }
}

export function openRedis(options: OpenRedisOptions): Redis {
  const { urls, cluster = urls.length > 1, connectTimeoutMs = 2_000, timers = systemTimers } = options;
  const create = () => createRedisClient({ urls, cluster, connectTimeoutMs });
  const backoff = new Backoff({ minMs: 50, maxMs: 2_000 });
  const events = new EventTarget();
  const stopped = new AbortController();
  let current = create();
  let isReady = false;
  const adapter = new KeyvRedis<string>(current.client);
  const keyv = openEnvelopeKeyv(adapter);

  /** Until the connection is lost, given up, or closed. */
  async function live(): Promise<void> {
    const lost = new AbortController();
    const lose = (error?: unknown) => {
      if (!lost.signal.aborted && error instanceof Error) options.onError?.(error);
      lost.abort();
    };
    const { client } = current;
    const given = () => lose();
    try {
      client
        .on('error', (error) => isReady && lose(error))
        .on('node-error', (error) => isReady && lose(error));
      client.once('end', lose);
      events.addEventListener('reconnect', given);
      stopped.signal.addEventListener('abort', given);
      await withDeadline(
        Promise.race([client.connect(), onceAborted(lost.signal)]),
        'connecting',
        connectTimeoutMs,
      );
      if (lost.signal.aborted) return;
      isReady = true;
      backoff.succeeded();
      events.dispatchEvent(new Event('ready'));
      await onceAborted(lost.signal);
    } catch (error) {
      lose(error);
    } finally {
      isReady = false;
      events.removeEventListener('reconnect', given);
      stopped.signal.removeEventListener('abort', given);
      destroy(current);
    }
  }

  /** Ends early when the connection is closed for good. */
  function pause(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        stop();
        stopped.signal.removeEventListener('abort', end);
        resolve();
      };
      const stop = timers.after(delayMs, end);
      stopped.signal.addEventListener('abort', end);
    });
  }

  async function keepAlive(): Promise<void> {
    while (!stopped.signal.aborted) {
      await live();
      if (stopped.signal.aborted) return;
      await pause(backoff.nextMs());
      current = create();
      adapter.client = current.client;
    }
  }
  const alive = keepAlive();

  return {
    topology: cluster ? 'cluster' : 'single',
    keyv,
    get isReady() {
      return isReady;
    },
    async ready() {
      if (!isReady) await once(events, 'ready', { signal: stopped.signal });
    },
    onReady(listener) {
      const call = () => listener();
      events.addEventListener('ready', call);
      return () => events.removeEventListener('ready', call);
    },
    reconnect() {
      if (isReady) events.dispatchEvent(new Event('reconnect'));
    },
    async send(routingKey, args) {
      if (!isReady) throw new RedisOfflineError();
      const { kind, client } = current;
      const startedAt = performance.now();
      let outcome: 'answered' | 'failed' = 'failed';
      try {
        const answer = await (kind === 'single'
          ? client.sendCommand(args)
          : client.sendCommand(routingKey, false, [...args]));
        outcome = 'answered';
        return answer;
      } finally {
        options.onCommand?.(outcome, performance.now() - startedAt);
      }
    },
    async *scan(pattern) {
      for (const node of await masters(current)) {
        let cursor = '0';
        do {
          const page = await node.sendCommand<[string, string[]]>([
            'SCAN',
            cursor,
            'MATCH',
            pattern,
            'COUNT',
            '500',
          ]);
          yield page[1];
          cursor = page[0];
        } while (cursor !== '0');
      }
    },
    async close() {
      stopped.abort();
      await alive;
    },
  };
}

async function masters(redis: RedisClient) {
  if (redis.kind === 'single') return [redis.client];
  return Promise.all(redis.client.masters.map((master) => redis.client.nodeClient(master)));
}

function onceAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** Without waiting for anything; all that waits for an answer fails. */
function destroy({ client }: RedisClient): void {
  try {
    client.destroy();
  } catch {
    // It had closed by itself.
  }
}
