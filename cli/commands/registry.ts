import { ConfigError } from '../../platform/config/configError.js';
import { createLogger } from '../../platform/logger.js';
import { runUntilSignal } from '../../platform/runUntilSignal.js';
import type { Config } from '../config.js';
import { databaseFault } from '../databaseFault.js';
import { logOptions } from '../logOptions.js';
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
  const registry = await startConfiguredRegistry(config, signer, logger).catch((error: unknown) => {
    throw databaseFault('registry', error);
  });
  if (registry.inMemory) {
    logger.warn('no registry.mongodbUri: everything is kept in memory, and gone when this process ends');
  }
  logger.info({ url: registry.url }, 'the registry answers');
  await runUntilSignal(() => registry.close(), logger);
}
