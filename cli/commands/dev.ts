import { startGateway } from '../../gateway/startGateway.js';
import { createLogger } from '../../platform/logger.js';
import { runUntilSignal } from '../../platform/runUntilSignal.js';
import type { Config } from '../config.js';
import { createOverlaySource, type LocalSubgraph } from '../dev/overlaySource.js';
import { createRegistryGraph } from '../dev/registryGraph.js';
import { logOptions } from '../logOptions.js';
import { UsageError } from '../usageError.js';
import { DEFAULT_REGISTRY } from './schema/registryClient.js';

export interface DevOptions {
  /** `name=URL`, each. */
  readonly subgraph: readonly string[];
  readonly registry?: string | undefined;
  readonly token?: string | undefined;
}

/** A gateway on the running graph of a registry, with subgraphs of this machine over it. */
export async function runDev(config: Config, options: DevOptions): Promise<void> {
  const local = options.subgraph.map(parseLocal);
  const url = options.registry ?? config.gateway.registry.url ?? DEFAULT_REGISTRY;
  const token = options.token ?? process.env['HEADGATE_SCHEMA_TOKEN'];
  const logger = createLogger(logOptions('dev', config));
  const gateway = await startGateway({
    // Who develops wants to look inside.
    config: { ...config.gateway, introspection: true, suggestions: true },
    source: createOverlaySource({ running: createRegistryGraph({ url, token }), local }),
    logger,
  });
  logger.info(
    { url: `${gateway.url}/graphql`, adminUrl: gateway.adminUrl, registry: url, local },
    'the gateway answers',
  );
  await runUntilSignal(() => gateway.stop(), logger);
}

function parseLocal(argument: string): LocalSubgraph {
  const [, name, url] = /^([\w-]+)=(https?:\/\/\S+)$/.exec(argument) ?? [];
  if (name === undefined || url === undefined)
    throw new UsageError(`--subgraph ${argument}: expected NAME=URL`);
  return { name, url };
}
