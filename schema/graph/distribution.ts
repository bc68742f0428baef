import type { Logger } from '../../platform/logger.js';
import type { ArtefactStore } from '../store/artefacts.js';
import { type GraphStore, isComposed } from '../store/graphStore.js';
import type { ComposedVersion } from '../store/version.js';

export interface ServedSupergraph {
  readonly version: number;
  /** Grows whenever another version is served, also an older one. */
  readonly revision: number;
  /** SHA-256 of the SDL, as hex. */
  readonly hash: string;
  readonly sdl: string;
}

export interface DistributionOptions {
  readonly graph: GraphStore;
  readonly artefacts: ArtefactStore;
  /** How often the database is asked while somebody waits: another process of the registry may have published. */
  readonly pollMs: number;
  readonly logger: Logger;
}

/** What gateways get. */
export interface Distribution {
  /** How many wait just now. */
  readonly waiting: number;
  /** `undefined` while nothing has been published. */
  current(): Promise<ServedSupergraph | undefined>;
  /** Waits until the current one has another hash than `known`; then, or after `waitMs`, or at `signal`, gives what is current. */
  next(known: string | undefined, waitMs: number, signal: AbortSignal): Promise<ServedSupergraph | undefined>;
  /** Something was published here: who waits need not wait for the next look. */
  nudge(): void;
  /** Lets everybody go who waits. */
  close(): void;
}

export function createDistribution({ graph, artefacts, pollMs, logger }: DistributionOptions): Distribution {
  // Versions never change, so the last one that was read stays good for as long as it is served.
  let cached: Omit<ServedSupergraph, 'revision'> | undefined;
  const waiters = new Set<() => void>();
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  /** The revision that was served last: only another one is a reason to wake who waits. */
  let revision = -1;

  async function current(): Promise<ServedSupergraph | undefined> {
    const { serving, revision: seen } = await graph.state();
    revision = seen;
    if (serving === null) return undefined;
    let known = cached;
    if (known?.version !== serving) {
      const version = (await graph.version(serving)) as ComposedVersion | null;
      if (!isComposed(version)) throw new Error(`version ${serving} is served, and was never composed`);
      known = {
        version: serving,
        hash: version.supergraph,
        sdl: await artefacts.get(version.supergraph),
      };
      cached = known;
    }
    return { ...known, revision: seen };
  }

  function wakeAll(): void {
    for (const wake of [...waiters]) wake();
  }

  function look(): void {
    timer ??= setTimeout(() => {
      graph
        .state()
        .then(
          (state) => state.revision !== revision && wakeAll(),
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
          const served = await current();
          const isNew = served !== undefined && served.hash !== known;
          if (isNew || Date.now() >= until || signal.aborted || closed) return served;
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
