import type { Logger } from '../../platform/logger.js';
import type { PlanningConfig } from '../planning/planningConfig.js';
import { documentKeyOf } from './documentKey.js';
import { inSlices } from './inSlices.js';
import type { RecentOperations } from './recentOperations.js';
import { type Snapshot, type SnapshotOptions, snapshotSteps } from './snapshot.js';
import type { SupergraphSource } from './supergraphSource.js';
import { warmUpSteps } from './warmUp.js';
import type { WarmUpConfig } from './warmUpConfig.js';

export interface PrepareSnapshotOptions {
  readonly config: {
    readonly planCacheEntries: number;
    readonly warmUp: WarmUpConfig;
    readonly planning?: Pick<PlanningConfig, 'inlineFields'>;
  };
  readonly source: Pick<SupergraphSource, 'mostUsedOperations'>;
  readonly recent: RecentOperations;
  /** Told of each plan that was looked up. */
  readonly onPlan?: SnapshotOptions['onPlan'];
  readonly openPlanner?: SnapshotOptions['openPlanner'];
  readonly costs?: SnapshotOptions['costs'];
  readonly logger: Logger;
}

/**
 * How a gateway makes a snapshot beside the one that answers: built and warmed in slices, so that it is as fast at its
 * first request as the old one at its last. Before its first one, a gateway asks the registry what is used.
 */
export function createSnapshotMaker(
  options: PrepareSnapshotOptions,
): (supergraphSdl: string, signal: AbortSignal) => Promise<Snapshot> {
  const { config, source, recent, logger } = options;
  const snapshotOptions: SnapshotOptions = {
    planCacheEntries: config.planCacheEntries,
    planInlineFields: config.planning?.inlineFields ?? 0,
    openPlanner: options.openPlanner,
    costs: options.costs,
    ...(options.onPlan && { onPlan: options.onPlan }),
  };
  const { operations: limit, timeoutMs } = config.warmUp;
  let asked = limit === 0;

  async function askOnce(): Promise<void> {
    if (asked) return;
    asked = true;
    try {
      for (const operation of (await source.mostUsedOperations?.(limit)) ?? []) {
        recent.note(operation, documentKeyOf(operation.text));
      }
    } catch (err) {
      logger.warn(
        { err },
        'which operations are used most is not known: their first plans are made when they come',
      );
    }
  }

  return async (supergraphSdl, signal) => {
    const [snapshot] = await Promise.all([
      inSlices(snapshotSteps(supergraphSdl, snapshotOptions), signal),
      askOnce(),
    ]);
    const operations = recent.mostUsed(limit);
    const startedAt = performance.now();
    const inTime = () => performance.now() - startedAt < timeoutMs;
    const { planned, skipped } = await inSlices(warmUpSteps(snapshot, operations, inTime), signal);
    const left = operations.length - planned - skipped;
    if (left > 0) logger.warn({ planned, skipped, left }, 'not every plan could be made in time');
    else logger.debug({ planned, skipped }, 'plans were made beforehand');
    return snapshot;
  };
}
