import { ConfigError } from '../../platform/config/configError.js';
import { createLogger } from '../../platform/logger.js';
import { runUntilSignal } from '../../platform/runUntilSignal.js';
import type { Config } from '../config.js';
import { logOptions } from '../logOptions.js';
import { observeService } from '../observeService.js';
import { configuredUrl, startSampleSubgraph } from '../sampleSubgraphs.js';
import type { SubgraphName } from '../subgraphNames.js';

/** Runs one sample subgraph as a process of its own. */
export async function runSubgraph(name: SubgraphName, config: Config): Promise<void> {
  const { feedToken, workerToken } = config.subgraphs;
  const identitySecret = config.gateway.identity.secret;
  const missing = [
    ...(feedToken
      ? []
      : ['subgraphs.feedToken: expected a secret that the gateway also has (HEADGATE_FEED_TOKEN)']),
    ...(identitySecret
      ? []
      : ['gateway.identity.secret: expected a secret that the gateway also has (HEADGATE_IDENTITY_SECRET)']),
  ];
  if (!feedToken || !identitySecret) throw new ConfigError(missing);
  const logger = createLogger(logOptions(name, config));
  const { sampleData = false } = config.data;
  const observed = await observeService(name, config, logger);
  try {
    const subgraph = await startSampleSubgraph(name, {
      config,
      feedToken,
      workerToken,
      // Orders in memory can be worked on here alone; those in a database have workers of their own.
      worker:
        workerToken !== undefined && config.data.mongodbUri === undefined
          ? { inventoryUrl: configuredUrl('inventory', config), workerToken }
          : undefined,
      identitySecret,
      sampleData,
      logger,
      metrics: observed.metrics,
      tracing: observed.tracing,
    });
    logger.info({ url: subgraph.url, metricsUrl: observed.url }, 'the subgraph answers');
    await runUntilSignal(() => subgraph.close(), logger);
  } finally {
    await observed.close();
  }
}
