import type { RequestHandler } from '../../platform/http/httpServer.js';
import type { Logger } from '../../platform/logger.js';
import { createRouter } from '../http/createRouter.js';
import { createReadyHandler, liveHandler, type Readiness } from '../http/health.js';
import type { AdminConfig } from './adminConfig.js';
import { AdminRefusal, sendRefusal } from './adminRefusal.js';
import { createPurgeGuard } from './purgeGuard.js';
import { createPurgeHandler } from './purgeHandler.js';
import type { PurgeTarget } from './purgeTarget.js';

export interface AdminOptions {
  readonly config: AdminConfig;
  /** What `/metrics` shows. */
  readonly metrics: { readonly contentType: string; text(): Promise<string> };
  readonly target: PurgeTarget;
  readiness(): Readiness;
  /** @default whether `NODE_ENV` is `production` */
  readonly production?: boolean;
  readonly logger: Logger;
}

/** `/metrics`, `/health/live`, `/health/ready` and `/purge`. */
export function createAdminHandler(options: AdminOptions): RequestHandler {
  const { config, metrics, target, readiness, logger } = options;
  const production = options.production ?? process.env['NODE_ENV'] === 'production';
  const guard = createPurgeGuard({ config, production });
  const router = createRouter({
    '/metrics': withMethods(['GET', 'HEAD'], async (_request, response) => {
      const body = Buffer.from(await metrics.text());
      response.writeHead(200, { 'content-type': metrics.contentType, 'content-length': body.length });
      response.end(body);
    }),
    '/health/live': withMethods(['GET', 'HEAD'], liveHandler),
    '/health/ready': withMethods(['GET', 'HEAD'], createReadyHandler(readiness)),
    '/purge': withMethods(['POST'], createPurgeHandler({ target, guard, logger })),
  });
  return async (request, response) => {
    try {
      await router(request, response);
    } catch (error) {
      if (!(error instanceof AdminRefusal)) throw error;
      sendRefusal(response, error);
    }
  };
}

function withMethods(methods: readonly string[], handler: RequestHandler): RequestHandler {
  return (request, response) => {
    if (methods.includes(request.method ?? '')) return handler(request, response);
    response.setHeader('allow', methods.join(', '));
    throw new AdminRefusal(405, `expected ${methods.join(' or ')}`);
  };
}
