import type { Logger } from '../../platform/logger.js';

/** Something that gateways follow, as it is at one moment. */
export interface Given {
  /** Grows with every change. */
  readonly revision: number;
  /** SHA-256 of the text, as hex. */
  readonly hash: string;
}

export interface FollowedOptions<T extends Given> {
  /** `undefined` while there is nothing to give. */
  current(): Promise<T | undefined>;
  /** That of the database; cheap to ask. */
  revision(): Promise<number>;
  /** How often the database is asked while somebody waits: another process of the registry may have changed it. */
  readonly pollMs: number;
  readonly logger: Logger;
}

export interface Followed<T extends Given> {
  /** How many wait just now. */
  readonly waiting: number;
  current(): Promise<T | undefined>;
  /** Waits until the current one has another hash than `known`; then, or after `waitMs`, or at `signal`, gives what is current. */
  next(known: string | undefined, waitMs: number, signal: AbortSignal): Promise<T | undefined>;
  /** Something was published here: who waits need not wait for the next look. */
  nudge(): void;
  /** Lets everybody go who waits. */
  close(): void;
}

/** Lets any number of gateways wait for a change, at the price of one question to the database every `pollMs`. */
export function createFollowed<T extends Given>(options: FollowedOptions<T>): Followed<T> {
  const { pollMs, logger } = options;
  const waiters = new Set<() => void>();
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  /** The revision that was given last: only another one is a reason to wake who waits. */
  let revision = -1;

  async function current(): Promise<T | undefined> {
    const given = await options.current();
    if (given !== undefined && given.revision !== revision) {
      revision = given.revision;
      // The next look finds nothing new any more: who waits is woken by whoever meets the change first.
      wakeAll();
    }
    return given;
  }

  function wakeAll(): void {
    for (const wake of [...waiters]) wake();
  }

  function look(): void {
    timer ??= setTimeout(() => {
      options
        .revision()
        .then(
          (seen) => {
            if (seen === revision) return;
            revision = seen;
            wakeAll();
          },
          (err: unknown) => logger.warn({ err }, 'the database does not say whether there is something new'),
        )
        .finally(() => {
          timer = undefined;
          if (waiters.size > 0 && !closed) look();
        });
    }, pollMs);
    timer.unref();
  }

  return {
    get waiting() {
      return waiters.size;
    },
    current,
    async next(known, waitMs, signal) {
      const until = Date.now() + waitMs;
      for (;;) {
        // Registered before the look: what is published between the two wakes it.
        const woken = waitFor(until, signal);
        try {
          const given = await current();
          const isNew = given !== undefined && given.hash !== known;
          if (isNew || Date.now() >= until || signal.aborted || closed) return given;
          await woken.promise;
        } finally {
          woken.cancel();
        }
      }
    },
    nudge: wakeAll,
    close() {
      closed = true;
      clearTimeout(timer);
      wakeAll();
    },
  };

  function waitFor(until: number, signal: AbortSignal) {
    let wake: () => void = () => undefined;
    const promise = new Promise<void>((resolve) => {
      wake = resolve;
    });
    const timeout = setTimeout(wake, Math.max(0, until - Date.now()));
    signal.addEventListener('abort', wake, { once: true });
    waiters.add(wake);
    look();
    return {
      promise,
      cancel() {
        clearTimeout(timeout);
        signal.removeEventListener('abort', wake);
        waiters.delete(wake);
      },
    };
  }
}
