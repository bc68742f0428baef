import { z } from 'zod';
import { ConfigError } from '../../../platform/config/configError.js';
import { headerSecret } from '../../../platform/config/headerSecret.js';
import { usageConfigSchema } from '../../usage/usageConfig.js';
import { parsePublicKeys } from './publicKeys.js';

const wholeSeconds = z.int().min(1).max(60);

/** How the gateway speaks to a schema registry. */
export const registryConfigSchema = z.strictObject({
  url: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('Where the registry is. With it, the supergraph comes from there.'),
  token: headerSecret().optional().describe('A token of the registry that gateways may read with.'),
  publicKey: z
    .string()
    .refine(holdsKeys, 'expected an Ed25519 public key as PEM (SPKI); several while the key is changed')
    .optional()
    .describe('What the registry signs with is checked by this key; nothing else is served.'),
  cacheFile: z
    .string()
    .min(1)
    .default('.headgate/supergraph.json')
    .describe('Where the last supergraph that was served is kept, to start from when the registry is down.'),
  waitSeconds: wholeSeconds.default(30).describe('How long the registry may hold a request for a change.'),
  timeoutMs: z
    .int()
    .min(1)
    .max(600_000)
    .default(5_000)
    .describe('How long the registry may take to answer, beyond what it is asked to wait.'),
  usage: usageConfigSchema.prefault({}),
});

export type RegistryConfig = z.infer<typeof registryConfigSchema>;

/** A registry that is to be used. */
export interface RegistryConnection extends RegistryConfig {
  readonly url: string;
  readonly token: string;
  readonly publicKey: string;
}

/**
 * The registry that a gateway is to follow; `undefined` when there is none. It is asked only for a gateway: others use
 * the same variable for its address, with a token of their own.
 *
 * @throws ConfigError when something of it is missing
 */
export function registryConnection(config: RegistryConfig): RegistryConnection | undefined {
  const { url, token, publicKey } = config;
  if (url === undefined) return undefined;
  if (token === undefined || publicKey === undefined) {
    const missing = [...(token ? [] : ['token']), ...(publicKey ? [] : ['publicKey'])];
    throw new ConfigError(missing.map((key) => `gateway.registry.${key}: expected, since there is a url`));
  }
  return { ...config, url, token, publicKey };
}

function holdsKeys(text: string): boolean {
  try {
    return parsePublicKeys(text).length > 0;
  } catch {
    return false;
  }
}
