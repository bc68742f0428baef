import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ConfigError } from '../platform/config/configError.js';
import type { Logger } from '../platform/logger.js';
import type { ServiceMetrics } from '../platform/metrics/serviceMetrics.js';
import { createSigner, type Signer } from '../schema/graph/signing.js';
import { type RunningRegistry, startRegistry } from '../schema/startRegistry.js';
import { besideIt } from './besideIt.js';
import type { Config } from './config.js';

const HOW =
  'make one with "openssl genpkey -algorithm ed25519 -out registry-key.pem" and set registry.signingKeyFile (HEADGATE_SIGNING_KEY_FILE)';

/** @throws ConfigError when there is no key, or none that can sign */
export function configuredSigner({ signingKey, signingKeyFile }: Config['registry']): Signer {
  if (signingKey === undefined && signingKeyFile === undefined) {
    throw new ConfigError([`registry.signingKey: expected a key that signs what gateways get; ${HOW}`]);
  }
  const key = signingKey === undefined ? 'registry.signingKeyFile' : 'registry.signingKey';
  try {
    return createSigner(signingKey ?? readFileSync(signingKeyFile as string, 'utf8'));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new ConfigError([
      `${key}: ${code === 'ENOENT' ? `${signingKeyFile} does not exist` : message}; ${HOW}`,
    ]);
  }
}

/** The registry with the thread of this program, which loads graphs as the gateway does. */
export function startConfiguredRegistry(
  config: Config,
  signer: Signer,
  logger: Logger,
  metrics?: ServiceMetrics,
): Promise<RunningRegistry> {
  return startRegistry({
    config: {
      ...config.registry,
      mongodbUri: config.registry.mongodbUri ?? besideIt(config.data.mongodbUri, 'registry'),
    },
    signer,
    workerProgram: path.join(__dirname, 'schemaWorker.js'),
    drainTimeoutMs: config.gateway.drainTimeoutMs,
    metrics,
    logger,
  });
}
