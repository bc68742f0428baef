import type { OperationTime } from '../../../platform/database/operationTime.js';
import { systemTimers, type Timers } from '../../../platform/database/timers.js';
import type { Logger } from '../../../platform/logger.js';
import { type Invalidation, subgraphTag } from '../invalidation.js';
import { withDeadline } from '../redis/deadline.js';
import type { Broadcast } from './broadcast.js';
import type { InvalidationTarget, SharedTarget } from './invalidationTarget.js';
import { OperationTimes } from './operationTimes.js';
import type { ProxyPurges } from './proxyPurges.js';
import type { PurgeNotice } from './purgeNotice.js';

/** The other worker processes of this gateway. */
export interface Siblings {
  /** Resolves when each of them has acknowledged, or is out. */
  purge(notice: PurgeNotice): Promise<void>;
}

export interface InvalidatorOptions {
  /** Names this gateway to others; the same for all of its workers. */
  readonly origin: string;
  /** Told in this order, those of the process before the shared ones. */
  readonly targets: readonly InvalidationTarget[];
  /** Absent with a single worker. */
  readonly siblings?: Siblings | undefined;
  readonly broadcast?: Broadcast | undefined;
  /** Those before the gateway that keep answers. */
  readonly proxies?: Pick<ProxyPurges, 'purge'> | undefined;
  /** Subgraphs whose changes become known by mutations and notices alone. Purged when notices may be missing. */
  sourcesWithoutFeed(): readonly string[];
  /** A shared target that keeps its own deadline is never given up; one that hangs is, after this long. @default 2000 */
  readonly sharedDeadlineMs?: number | undefined;
  readonly timers?: Timers | undefined;
  readonly logger: Logger;
}

/** Which targets an invalidation is for. @default all */
export type InvalidationScope = 'everything' | 'process' | 'shared';

export interface Invalidator {
  /**
   * Resolves when this gateway, with all of its workers, does not serve the old value any more. A shared cache that is
   * out of reach is no reason to reject, nor to wait for long: it is out of use then.
   * @throws when a target in the process fails, which none should: what it holds may be stale
   */
  apply(invalidation: Invalidation, scope?: InvalidationScope): Promise<void>;
  /** A notice of a sibling or of another gateway. Resolves when this process does not serve the old value any more. */
  receive(notice: PurgeNotice): Promise<void>;
  /** Resolves once the shared targets have purged everything they were told so far. */
  settled(): Promise<void>;
  /** Loads must be at least that new. */
  latestOperationTime(subgraph: string): OperationTime | undefined;
  /** The same for a given cluster. */
  operationTimeIn(subgraph: string, cluster: string): OperationTime | undefined;
  /** Called after each invalidation: loads that begin then bring the new value. @returns a function that stops it */
  onApplied(listener: (invalidation: Invalidation) => void): () => void;
  readonly counts: { readonly applied: number; readonly bypassed: number; readonly failed: number };
  /** Stops listening, and waits for notices that are being sent. */
  close(): Promise<void>;
}

/**
 * Carries an invalidation to everything that could serve the old value. What is in the process is told before the
 * shared cache, so that hits stop at once, and once more after it: in between, the old value may have been copied from
 * there. Siblings and other gateways follow, since they could do the same. Proxies are last, for they fetch from all of
 * them; each gateway tells them, when it has purged itself.
 */
export function createInvalidator(options: InvalidatorOptions): Invalidator {
  const { origin, targets, siblings, broadcast, proxies, sharedDeadlineMs = 2_000, logger } = options;
  const timers = options.timers ?? systemTimers;
  const times = new OperationTimes();
  const listeners = new Set<(invalidation: Invalidation) => void>();
  const sending = new Set<Promise<void>>();
  const counts = { applied: 0, bypassed: 0, failed: 0 };
  const shared = targets.filter((target) => target.scope === 'shared');

  async function purgeProcess(invalidation: Invalidation): Promise<void> {
    for (const target of targets) {
      if (target.scope === 'process') await target.invalidate(invalidation);
    }
  }

  async function purgeShared(target: SharedTarget, invalidation: Invalidation): Promise<boolean> {
    try {
      const outcome = await withDeadline(
        target.invalidate(invalidation),
        `purging ${target.name}`,
        sharedDeadlineMs,
        timers,
      );
      if (outcome === 'bypassed') counts.bypassed += 1;
      return outcome === 'purged';
    } catch (err) {
      counts.failed += 1;
      logger.error(
        { err, target: target.name, source: invalidation.source },
        'a shared cache was not purged',
      );
      return false;
    }
  }

  /** Whether the shared targets are purged. */
  async function purge(invalidation: Invalidation, scope: InvalidationScope): Promise<boolean> {
    // First of all: a load that starts from now on asks for data at least that new.
    times.note(invalidation.source, invalidation.operationTime);
    if (scope !== 'shared') await purgeProcess(invalidation);
    if (scope === 'process' || shared.length === 0) return true;
    const purged = await Promise.all(shared.map((target) => purgeShared(target, invalidation)));
    if (scope !== 'shared') await purgeProcess(invalidation);
    return purged.every(Boolean);
  }

  function tellListeners(invalidation: Invalidation): void {
    counts.applied += 1;
    for (const listener of [...listeners]) {
      try {
        listener(invalidation);
      } catch (err) {
        logger.error({ err, source: invalidation.source }, 'a listener for invalidations failed');
      }
    }
  }

  function send(notice: PurgeNotice): void {
    if (broadcast === undefined) return;
    const sent: Promise<void> = broadcast.publish(notice).finally(() => sending.delete(sent));
    sending.add(sent);
  }

  const invalidator: Invalidator = {
    async apply(invalidation, scope = 'everything') {
      const sharedPurged = await purge(invalidation, scope);
      // Every worker and every gateway reads the feeds for itself.
      if (invalidation.by === 'mutation' || invalidation.by === 'operator') {
        const { source, tags, operationTime } = invalidation;
        const notice = { origin, invalidation: { source, tags, operationTime }, sharedPurged };
        const acknowledged = siblings?.purge(notice);
        send(notice);
        await acknowledged;
        await proxies?.purge();
      } else {
        void proxies?.purge();
      }
      tellListeners(invalidation);
    },
    async receive({ invalidation: noticed, sharedPurged }) {
      const invalidation: Invalidation = { ...noticed, by: 'replica' };
      await purge(invalidation, sharedPurged ? 'process' : 'everything');
      void proxies?.purge();
      tellListeners(invalidation);
    },
    async settled() {
      await Promise.all(shared.map((target) => target.settled()));
    },
    latestOperationTime: (subgraph) => times.latest(subgraph),
    operationTimeIn: (subgraph, cluster) => times.inCluster(subgraph, cluster),
    onApplied(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    counts,
    async close() {
      stopListening?.();
      await Promise.all(sending);
    },
  };

  const background = (work: Promise<void>): void =>
    void work.catch((err: unknown) => logger.error({ err }, 'a notice could not be applied'));
  const stopListening = broadcast?.listen({
    onNotice: (notice) => background(invalidator.receive(notice)),
    onGap() {
      // The sender has purged the shared cache before; what this process holds is what missed the notice.
      for (const source of options.sourcesWithoutFeed()) {
        background(invalidator.apply({ source, tags: [subgraphTag(source)], by: 'replica' }, 'process'));
      }
    },
  });
  return invalidator;
}
