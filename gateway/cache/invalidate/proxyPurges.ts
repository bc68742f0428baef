import { randomInt } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { abortableDelay } from '../../../platform/abortableDelay.js';
import type { Logger } from '../../../platform/logger.js';

/** Gives the micro-cache of a proxy a new generation, so that nothing that it kept before is found any more. */
export type RenewGeneration = (url: string, signal: AbortSignal) => Promise<void>;

export interface ProxyPurgesOptions {
  /** One for each proxy. */
  readonly urls: readonly string[];
  /** How long a purge waits for a proxy that does not answer. @default 2000 */
  readonly deadlineMs?: number | undefined;
  /** How long after a failure a proxy is told again. @default 1000 */
  readonly retryMs?: number | undefined;
  /** @default a `PUT` as `deploy/nginx` takes it */
  readonly renew?: RenewGeneration | undefined;
  readonly logger: Logger;
}

export interface ProxyPurges {
  /**
   * Resolves when each proxy was told after this call, or could not be: it never rejects, and takes no longer than two
   * deadlines. One that could not be told is told later, and nobody waits for it until then.
   */
  purge(): Promise<void>;
  readonly counts: { readonly told: number; readonly failed: number };
  /** Forgets what is owed: a proxy keeps nothing for longer than it was allowed to. */
  close(): Promise<void>;
}

/** Tells the proxies before the gateway, which keep public answers for a moment, that some of them are old. */
export function createProxyPurges(options: ProxyPurgesOptions): ProxyPurges {
  const { urls, deadlineMs = 2_000, retryMs = 1_000, renew = putGeneration, logger } = options;
  const counts = { told: 0, failed: 0 };
  const closing = new AbortController();

  function follow(proxy: string) {
    let waiting: (() => void)[] = [];
    let isOwed = false;
    let isFailing = false;
    let running: Promise<void> | undefined;

    async function renewOnce(): Promise<void> {
      try {
        await renew(proxy, AbortSignal.timeout(deadlineMs));
        counts.told += 1;
        if (isFailing) logger.info({ proxy }, 'a proxy is told of purges again');
        isFailing = false;
      } catch (err) {
        isOwed = true;
        counts.failed += 1;
        if (!isFailing)
          logger.warn({ err, proxy }, 'a proxy cannot be told of purges: what it keeps may be old');
        isFailing = true;
      }
    }

    /** One request at a time, for all purges that came before it: many writes are few requests. */
    async function run(): Promise<void> {
      while (isOwed && !closing.signal.aborted) {
        isOwed = false;
        const served = waiting;
        waiting = [];
        await renewOnce();
        release(served);
        if (!isFailing) continue;
        release(waiting);
        await abortableDelay(retryMs, closing.signal, { ref: false });
      }
      running = undefined;
    }

    return {
      async purge(): Promise<void> {
        if (closing.signal.aborted) return;
        isOwed = true;
        const told = isFailing ? undefined : new Promise<void>((resolve) => void waiting.push(resolve));
        running ??= run();
        await told;
      },
      async close(): Promise<void> {
        await running;
        release(waiting);
      },
    };
  }

  const proxies = urls.map(follow);
  return {
    counts,
    purge: async () => void (await Promise.all(proxies.map((proxy) => proxy.purge()))),
    async close() {
      closing.abort();
      await Promise.all(proxies.map((proxy) => proxy.close()));
    },
  };
}

function release(waiting: readonly (() => void)[]): void {
  for (const done of waiting) done();
}

const LATEST_SECOND = 2 ** 31 - 1;
const MOST_BYTES = 4_096;

/**
 * Writes the file whose `ETag` is the generation: NGINX makes it of the file's time, which is the `Date` of this request,
 * and of its length. Both are random, so that gateways need not agree on numbers.
 */
function putGeneration(url: string, signal: AbortSignal): Promise<void> {
  const body = Buffer.alloc(randomInt(1, MOST_BYTES + 1));
  const date = new Date(randomInt(1, LATEST_SECOND) * 1000).toUTCString();
  const send = url.startsWith('https:') ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const sent = send(
      url,
      // A connection of its own: one that was kept may be closing, and a purge that fails is late by a whole pause.
      { method: 'PUT', agent: false, signal, headers: { date, 'content-length': body.length } },
      (response) => {
        const { statusCode = 0 } = response;
        response.resume();
        response.once('error', reject);
        response.once('end', () => {
          if (statusCode >= 200 && statusCode < 300) resolve();
          else reject(new Error(`it answered ${statusCode} to PUT`));
        });
      },
    );
    sent.once('error', reject);
    sent.end(body);
  });
}
