import type { GraphQLSchema } from 'graphql';
import type { RequestHandler } from '../../platform/http/httpServer.js';
import type { Logger } from '../../platform/logger.js';
import { isLoopback } from '../admin/loopback.js';
import { createPurgeGuard } from '../admin/purgeGuard.js';
import { createPurgeHandler } from '../admin/purgeHandler.js';
import { createPurgeTarget } from '../admin/purgeTarget.js';
import type { Caching } from '../cache/createCaching.js';
import type { GatewayConfig } from '../config.js';
import { createExplorerHandler } from './createExplorerHandler.js';
import type { ExplorerSettings } from './explorerSettings.js';

export interface CreateExplorerOptions {
  readonly config: GatewayConfig;
  readonly caching: Caching;
  apiSchema(): GraphQLSchema | undefined;
  /** @default whether `NODE_ENV` is `production` */
  readonly production?: boolean | undefined;
  readonly folder?: string | undefined;
  readonly logger: Logger;
}

/** The explorer of one gateway; `undefined` when it is not to be served. */
export function createExplorer(options: CreateExplorerOptions): RequestHandler | undefined {
  const { config, caching, apiSchema, folder, logger } = options;
  if (!config.explorer.enabled) return undefined;
  const production = options.production ?? process.env['NODE_ENV'] === 'production';
  const target = createPurgeTarget({
    subgraphs: caching.subgraphs,
    tiers: caching.tiers,
    apply: (invalidation) => caching.invalidator.apply(invalidation),
  });
  const guard = createPurgeGuard({
    config: { host: config.host, token: config.admin.token },
    production,
    mayOwnPage: true,
  });
  return createExplorerHandler({
    config: config.explorer,
    settings: settingsOf(config, production),
    apiSchema,
    purge: createPurgeHandler({ target, guard, logger }),
    folder,
  });
}

function settingsOf(config: GatewayConfig, production: boolean): ExplorerSettings {
  const { trace, token } = config.explorer;
  const traceWithoutToken = production ? 'off' : 'open';
  const purgeWithoutToken = !production && isLoopback(config.host) ? 'open' : 'off';
  return {
    introspection: config.introspection,
    trace: !trace ? 'off' : token === undefined ? traceWithoutToken : 'token',
    purge: config.admin.token === undefined ? purgeWithoutToken : 'token',
    identityHeader: config.identity.trustedHeader,
  };
}
