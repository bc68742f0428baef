import { ConfigError } from '../../platform/config/configError.js';
import type { Logger } from '../../platform/logger.js';
import type { GatewayConfig } from '../config.js';
import { createPollingSource } from './pollingSource.js';
import { createRegistryClient } from './registry/registryClient.js';
import { registryConnection } from './registry/registryConfig.js';
import { createRegistrySource } from './registry/registrySource.js';
import type { SupergraphSource } from './supergraphSource.js';

/** The source that the configuration names. @throws ConfigError when it names none, or two */
export function createConfiguredSource(config: GatewayConfig, logger: Logger): SupergraphSource {
  const { supergraph } = config;
  const registry = registryConnection(config.registry);
  if (registry !== undefined) {
    if (supergraph !== undefined) {
      throw new ConfigError([
        'gateway.supergraph: there is gateway.registry too; only one of them can be served',
      ]);
    }
    return createRegistrySource({ config: registry, client: createRegistryClient(registry), logger });
  }
  if (supergraph === undefined) {
    throw new ConfigError([
      'gateway.supergraph: expected a file or URL; give --supergraph, or set it or gateway.registry in headgate.yaml',
    ]);
  }
  return createPollingSource(supergraph, config.supergraphPollMs);
}
