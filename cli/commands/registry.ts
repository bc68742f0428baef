import { ConfigError } from '../../platform/config/configError.js';
import { createLogger } from '../../platform/logger.js';
import { runUntilSignal } from '../../platform/runUntilSignal.js';
import type { RunningRegistry } from '../../schema/startRegistry.js';
import type { Config } from '../config.js';
import { databaseFault } from '../databaseFault.js';
import { logOptions } from '../logOptions.js';
import { observeService } from '../observeService.js';
import { configuredSigner, startConfiguredRegistry } from '../startConfiguredRegistry.js';

/** Runs the schema registry as a process of its own. */
export async function runRegistry(config: Config): Promise<void> {
  if (config.registry.tokens.length === 0) {
    throw new ConfigError([
      'registry.tokens: expected at least one token; without any, nobody could publish and no gateway read',
    ]);
  }
  const signer = configuredSigner(config.registry);
  const logger = createLogger(logOptions('registry', config));
  let registry: RunningRegistry | undefined;
  const ready = async () => {
    if (registry === undefined) throw new Error('the registry is starting');
    await registry.ready();
  };
  const observed = await observeService('registry', config, logger, ready);
  try {
    const running = await startConfiguredRegistry(config, signer, logger, observed.metrics).catch(
      (error: unknown) => {
        throw databaseFault('registry', error);
      },
    );
    registry = running;
    if (running.inMemory) {
      logger.warn('no registry.mongodbUri: everything is kept in memory, and gone when this process ends');
    }
    logger.info({ url: running.url, metricsUrl: observed.url }, 'the registry answers');
    await runUntilSignal(() => running.close(), logger);
  } finally {
    await observed.close();
  }
}
