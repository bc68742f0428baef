import { existsSync } from 'node:fs';
import { z } from 'zod';
import { gatewayConfigSchema } from '../gateway/config.js';
import { headerSecret } from '../platform/config/headerSecret.js';
import { type EnvironmentKey, loadConfig } from '../platform/config/loadConfig.js';
import { metricsConfigSchema } from '../platform/metrics/metricsConfig.js';
import { registryConfigSchema } from '../schema/registryConfig.js';
import { ordersConfigSchema } from './ordersConfig.js';

const subgraphSchema = (port: number) =>
  z
    .strictObject({
      host: z.string().default('127.0.0.1').describe('Address to listen on; 0.0.0.0 in a container.'),
      port: z.int().min(0).max(65_535).default(port).describe('Port to listen on; 0 takes any free one.'),
      url: z
        .url({ protocol: /^https?$/ })
        .optional()
        .describe('Where the gateway and other subgraphs reach it, if not there.'),
    })
    .prefault({});

const mongodbUri = z
  .string()
  .regex(/^mongodb(\+srv)?:\/\//, 'expected a MongoDB connection string (mongodb://… or mongodb+srv://…)')
  .optional();

export const configSchema = z.strictObject({
  log: z
    .strictObject({
      level: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
      format: z
        .enum(['json', 'pretty'])
        .optional()
        .describe('By default readable on a terminal, JSON elsewhere.'),
    })
    .prefault({}),
  gateway: gatewayConfigSchema.prefault({}),
  registry: registryConfigSchema.prefault({}),
  metrics: metricsConfigSchema.prefault({}),
  data: z
    .strictObject({
      mongodbUri: mongodbUri.describe('Products and orders; without it all data is kept in memory.'),
      inventoryMongodbUri: mongodbUri.describe(
        'Inventory, a cluster of its own; by default a database beside the others.',
      ),
      sampleData: z
        .boolean()
        .optional()
        .describe('Loads the sample shop once. By default only by `headgate start`.'),
    })
    .prefault({}),
  subgraphs: z
    .strictObject({
      feedToken: z
        .string()
        .min(16)
        .optional()
        .describe('Opens the invalidation feeds; without it they stay closed.'),
      workerToken: headerSecret()
        .optional()
        .describe('Opens the interface of inventory for order workers; without it that stays closed.'),
      publicImageBaseUrl: z
        .url({ protocol: /^https?$/ })
        .optional()
        .describe('What image URLs begin with; by default the products subgraph itself.'),
      products: subgraphSchema(4001),
      inventory: subgraphSchema(4002),
      orders: subgraphSchema(4003),
    })
    .prefault({}),
  orders: ordersConfigSchema.prefault({}),
});

export type Config = z.infer<typeof configSchema>;

/** Variables that set one key each, over the file; of two for one key, the later here. */
export const ENVIRONMENT_KEYS: Readonly<Record<string, EnvironmentKey>> = {
  HOST: { path: ['gateway', 'host'] },
  PORT: { path: ['gateway', 'port'], type: 'number' },
  HEADGATE_WORKERS: { path: ['gateway', 'workers'], type: 'number' },
  HEADGATE_ADMIN_HOST: { path: ['gateway', 'admin', 'host'] },
  HEADGATE_ADMIN_PORT: { path: ['gateway', 'admin', 'port'], type: 'number' },
  HEADGATE_ADMIN_TOKEN: { path: ['gateway', 'admin', 'token'] },
  HEADGATE_EXPLORER_TOKEN: { path: ['gateway', 'explorer', 'token'] },
  HEADGATE_METRICS_HOST: { path: ['metrics', 'host'] },
  HEADGATE_METRICS_PORT: { path: ['metrics', 'port'], type: 'number' },
  HEADGATE_TRACES_URL: { path: ['gateway', 'tracing', 'url'] },
  HEADGATE_TRACES_RATIO: { path: ['gateway', 'tracing', 'sampleRatio'], type: 'number' },
  HEADGATE_SUPERGRAPH: { path: ['gateway', 'supergraph'] },
  HEADGATE_REGISTRY_URL: { path: ['gateway', 'registry', 'url'] },
  HEADGATE_REGISTRY_TOKEN: { path: ['gateway', 'registry', 'token'] },
  HEADGATE_REGISTRY_PUBLIC_KEY: { path: ['gateway', 'registry', 'publicKey'] },
  HEADGATE_REGISTRY_CACHE_FILE: { path: ['gateway', 'registry', 'cacheFile'] },
  HEADGATE_IDENTITY_SECRET: { path: ['gateway', 'identity', 'secret'] },
  HEADGATE_TOKEN_SECRET: { path: ['gateway', 'cache', 'tokenSecret'] },
  REDIS_URL: { path: ['gateway', 'cache', 'redisUrl'] },
  CACHE_REDIS_URL: { path: ['gateway', 'cache', 'redisUrl'] },
  QUEUE_REDIS_URL: { path: ['orders', 'queueRedisUrl'] },
  SMTP_URL: { path: ['orders', 'mail', 'smtpUrl'] },
  HEADGATE_WORKER_ADMIN_HOST: { path: ['orders', 'worker', 'host'] },
  HEADGATE_WORKER_ADMIN_PORT: { path: ['orders', 'worker', 'port'], type: 'number' },
  HEADGATE_WORKER_TOKEN: { path: ['subgraphs', 'workerToken'] },
  HEADGATE_FEED_TOKEN: { path: ['subgraphs', 'feedToken'] },
  MONGODB_URI: { path: ['data', 'mongodbUri'] },
  INVENTORY_MONGODB_URI: { path: ['data', 'inventoryMongodbUri'] },
  HEADGATE_REGISTRY_HOST: { path: ['registry', 'host'] },
  HEADGATE_REGISTRY_PORT: { path: ['registry', 'port'], type: 'number' },
  REGISTRY_MONGODB_URI: { path: ['registry', 'mongodbUri'] },
  HEADGATE_SIGNING_KEY: { path: ['registry', 'signingKey'] },
  HEADGATE_SIGNING_KEY_FILE: { path: ['registry', 'signingKeyFile'] },
  LOG_LEVEL: { path: ['log', 'level'] },
  LOG_FORMAT: { path: ['log', 'format'] },
};

const DEFAULT_FILE = 'headgate.yaml';

/**
 * @param file as given on the command line; without it `headgate.yaml` in the working folder, if there is one
 * @throws ConfigError
 */
export function readConfig(file: string | undefined, env: NodeJS.ProcessEnv): Config {
  const path = file ?? (existsSync(DEFAULT_FILE) ? DEFAULT_FILE : undefined);
  // On a laptop one Redis may do for both; the queue's own variable wins.
  const both = { ...env, QUEUE_REDIS_URL: env['QUEUE_REDIS_URL'] || env['REDIS_URL'] };
  return loadConfig({ schema: configSchema, file: path, env: both, environmentKeys: ENVIRONMENT_KEYS });
}
