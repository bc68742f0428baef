import { ConfigError } from '../../platform/config/configError.js';
import type { Logger } from '../../platform/logger.js';
import { createRegistryClient } from '../supergraph/registry/registryClient.js';
import { type RegistryConfig, registryConnection } from '../supergraph/registry/registryConfig.js';
import type { PersistedConfig } from './persistedConfig.js';
import { createRegistryLists, type RegistryLists } from './registryLists.js';

/** The lists of the registry, where the configuration wants them. @throws ConfigError when it names no registry */
export function openRegistryLists(
  { enabled, cacheFile }: PersistedConfig['registry'],
  registry: RegistryConfig | undefined,
  logger: Logger,
): RegistryLists | undefined {
  if (!enabled) return undefined;
  const connection = registry && registryConnection(registry);
  const publicKey = registry?.publicKey;
  if (publicKey === undefined) {
    throw new ConfigError(['gateway.persistedOperations.registry.enabled: there is no gateway.registry']);
  }
  // Without an address, such as with --supergraph: nobody may run anything else because of that.
  return createRegistryLists({
    client: connection && createRegistryClient(connection),
    publicKey,
    cacheFile,
    waitSeconds: registry?.waitSeconds ?? 30,
    logger,
  });
}
