import { listen } from '../../platform/http/httpServer.js';
import type { Logger } from '../../platform/logger.js';
import { processMetrics } from '../../platform/metrics/processMetrics.js';
import { createAdminHandler } from '../admin/createAdminHandler.js';
import { createPurgeTarget } from '../admin/purgeTarget.js';
import type { RunningAdmin } from '../admin/startAdmin.js';
import type { CacheTier } from '../cache/cacheTier.js';
import type { GatewayConfig } from '../config.js';
import { labelMetrics } from './labelMetrics.js';
import type { PooledWorkers } from './pooledWorkers.js';
import type { MetricsJson } from './supervisionMessages.js';

export interface PooledAdminOptions {
  readonly config: GatewayConfig;
  readonly workers: PooledWorkers;
  /** From now on `/health/ready` says no, whatever the workers say. */
  isDraining(): boolean;
  readonly logger: Logger;
}

/** The one listener for operators of a gateway with several workers. Rejects when its port is taken. */
export async function startPooledAdmin(options: PooledAdminOptions): Promise<RunningAdmin> {
  const { config, workers, isDraining, logger } = options;
  const tier = (name: CacheTier['name']) => ({
    name,
    count: (tags: readonly string[]) => workers.count(name, tags),
  });
  const ofPrimary = processMetrics();
  const handler = createAdminHandler({
    config: config.admin,
    metrics: {
      contentType: ofPrimary.contentType,
      async text() {
        const own = (await ofPrimary.getMetricsAsJSON()) as MetricsJson;
        return labelMetrics(new Map([...(await workers.metrics()), ['primary', own]]));
      },
    },
    target: createPurgeTarget({
      subgraphs: workers.subgraphs,
      tiers: [tier('memory'), ...(config.cache.redisUrl === undefined ? [] : [tier('redis')])],
      apply: workers.invalidate,
    }),
    readiness() {
      const readiness = workers.readiness();
      return { ...readiness, ready: readiness.ready && !isDraining() };
    },
    logger,
  });
  const { host, port } = config.admin;
  return listen({
    host,
    port,
    logger,
    async handler(request, response) {
      // The others ask for nothing that the workers know, or ask them themselves.
      if (/^\/(purge|health\/ready)/.test(request.url ?? '')) await workers.refresh();
      await handler(request, response);
    },
  });
}
