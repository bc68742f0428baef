import { randomBytes } from 'node:crypto';
import type { Logger } from '../platform/logger.js';
import { CompositionError } from '../schema/compositionError.js';
import { createSigner, generateSigningKey } from '../schema/graph/signing.js';
import type { RunningRegistry } from '../schema/startRegistry.js';
import type { Config } from './config.js';
import { type RunningSampleSubgraph, subgraphTypeDefs } from './sampleSubgraphs.js';
import { configuredSigner, startConfiguredRegistry } from './startConfiguredRegistry.js';

export interface SampleRegistry extends RunningRegistry {
  /** May publish; made for this start unless the configuration has an administrator. */
  readonly adminToken: string;
  /** Reads the supergraph and reports usage. */
  readonly gatewayToken: string;
  /** SPKI, as PEM. */
  readonly publicKey: string;
}

/** The registry of the sample system: on a laptop, anybody may read, and keys and tokens are made where none are configured. */
export async function startSampleRegistry(config: Config, logger: Logger): Promise<SampleRegistry> {
  const { registry } = config;
  const hasKey = registry.signingKey !== undefined || registry.signingKeyFile !== undefined;
  const signer = hasKey ? configuredSigner(registry) : createSigner(generateSigningKey());
  const tokens = [...registry.tokens];
  const tokenOf = (role: 'admin' | 'gateway') => {
    const known = tokens.find((token) => token.role === role);
    if (known !== undefined) return known.token;
    const token = randomBytes(24).toString('hex');
    tokens.push({ name: `sample-${role}`, role, subgraphs: [], clients: [], token });
    return token;
  };
  const adminToken = tokenOf('admin');
  const gatewayToken = tokenOf('gateway');
  const running = await startConfiguredRegistry(
    { ...config, registry: { ...registry, tokens, openReads: true } },
    signer,
    logger.child({ part: 'registry' }),
  );
  return { ...running, adminToken, gatewayToken, publicKey: signer.publicKey };
}

/** @throws CompositionError */
export async function publishSampleSubgraphs(
  { publisher }: SampleRegistry,
  subgraphs: readonly RunningSampleSubgraph[],
): Promise<void> {
  // Together: orders and inventory extend what products has, and none of them makes a graph alone.
  const result = await publisher.publish({
    subgraphs: subgraphs.map(({ name, url }) => ({ name, url, typeDefs: subgraphTypeDefs(name) })),
    message: 'headgate start',
    by: 'headgate start',
  });
  if (result.outcome === 'refused') throw new CompositionError(result.faults);
}
