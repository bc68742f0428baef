import { randomBytes } from 'node:crypto';
import { startGateway } from '../../gateway/startGateway.js';
import { createRegistryClient } from '../../gateway/supergraph/registry/registryClient.js';
import { createRegistrySource } from '../../gateway/supergraph/registry/registrySource.js';
import { createLogger } from '../../platform/logger.js';
import { runUntilSignal } from '../../platform/runUntilSignal.js';
import type { Config } from '../config.js';
import { databaseFault } from '../databaseFault.js';
import { demoGatewayConfig } from '../demoGatewayConfig.js';
import { buildExplorerBeside } from '../explorerBuild.js';
import { logOptions } from '../logOptions.js';
import { publishSampleSubgraphs, type SampleRegistry, startSampleRegistry } from '../sampleRegistry.js';
import { type RunningSampleSubgraph, startSampleSubgraph } from '../sampleSubgraphs.js';
import { SUBGRAPH_NAMES } from '../subgraphNames.js';
import { welcome } from '../welcome.js';

/**
 * The whole sample system in one process: three subgraphs on their own ports, the registry that they are
 * published to, and a gateway before them.
 */
export async function runStart(config: Config): Promise<void> {
  const logger = createLogger(logOptions('headgate', config));
  const identitySecret = config.gateway.identity.secret ?? randomBytes(32).toString('hex');
  const feedToken = config.subgraphs.feedToken ?? randomBytes(32).toString('hex');
  const workerToken = config.subgraphs.workerToken ?? randomBytes(32).toString('hex');
  const subgraphs: RunningSampleSubgraph[] = [];
  let registry: SampleRegistry | undefined;
  const stopOthers = async () => {
    await registry?.close();
    // Orders asks products: it goes first.
    for (const subgraph of subgraphs.splice(0).reverse()) await subgraph.close();
  };
  try {
    for (const name of SUBGRAPH_NAMES) {
      subgraphs.push(
        await startSampleSubgraph(name, {
          config,
          identitySecret,
          feedToken,
          sampleData: config.data.sampleData ?? true,
          logger,
          productsUrl: subgraphs[0]?.url,
          workerToken,
          worker: subgraphs[1] && { inventoryUrl: subgraphs[1].url, workerToken },
        }),
      );
    }
    registry = await startSampleRegistry(config, logger).catch((error: unknown) => {
      throw databaseFault('registry', error);
    });
    await publishSampleSubgraphs(registry, subgraphs);
    const gatewayConfig = demoGatewayConfig(config.gateway, { identitySecret, feedToken, subgraphs });
    const { url, gatewayToken: token, publicKey } = registry;
    const connection = { ...gatewayConfig.registry, url, token, publicKey };
    const gateway = await startGateway({
      config: gatewayConfig,
      source: createRegistrySource({
        // The registry is part of this process: there is no start without it, and nothing to be kept for one.
        config: { ...connection, cacheFile: undefined },
        client: createRegistryClient(connection),
        logger,
      }),
      logger,
    });
    process.stdout.write(
      welcome({
        gatewayUrl: gateway.url,
        adminUrl: gateway.adminUrl,
        registryUrl: registry.url,
        registryToken: registry.adminToken,
        subgraphs,
        identityHeader: gatewayConfig.identity.trustedHeader,
      }),
    );
    const endBuild = gatewayConfig.explorer.enabled ? buildExplorerBeside(logger) : undefined;
    await runUntilSignal(async () => {
      endBuild?.();
      await gateway.stop();
      await stopOthers();
    }, logger);
  } catch (error) {
    await stopOthers();
    throw error;
  }
}
