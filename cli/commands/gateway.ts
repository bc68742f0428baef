import { startGateway } from '../../gateway/startGateway.js';
import { createPollingSource } from '../../gateway/supergraph/pollingSource.js';
import { ConfigError } from '../../platform/config/configError.js';
import { createLogger } from '../../platform/logger.js';
import { runUntilSignal } from '../../platform/runUntilSignal.js';
import type { Config } from '../config.js';
import { logOptions } from '../logOptions.js';

/** Runs the gateway alone, in front of any supergraph. */
export async function runGateway(config: Config): Promise<void> {
  const { supergraph } = config.gateway;
  if (supergraph === undefined) {
    throw new ConfigError([
      'gateway.supergraph: expected a file or URL; give --supergraph, or set it in headgate.yaml',
    ]);
  }
  const logger = createLogger(logOptions('gateway', config));
  const gateway = await startGateway({
    config: config.gateway,
    source: createPollingSource(supergraph, config.gateway.supergraphPollMs),
    logger,
  });
  logger.info({ url: `${gateway.url}/graphql`, supergraph }, 'the gateway answers');
  await runUntilSignal(() => gateway.stop(), logger);
}
