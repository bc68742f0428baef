import { type HttpServer, listen } from '../http/httpServer.js';
import { sendJson } from '../http/sendJson.js';
import type { Logger } from '../logger.js';
import type { MetricsConfig } from './metricsConfig.js';

export interface StartMetricsOptions {
  readonly config: MetricsConfig;
  readonly metrics: { readonly contentType: string; text(): Promise<string> };
  /** Rejects while the process cannot do its work. @default it can */
  readonly ready?: () => Promise<void>;
  readonly logger: Logger;
}

/** `/metrics`, `/health/live` and `/health/ready`; `undefined` where no port is configured. Rejects when it is taken. */
export async function startMetrics(options: StartMetricsOptions): Promise<HttpServer | undefined> {
  const { config, metrics, ready, logger } = options;
  if (config.port === undefined) return undefined;
  return listen({
    host: config.host,
    port: config.port,
    logger,
    async handler(request, response) {
      const [path] = (request.url ?? '/').split('?', 1);
      if (path === '/metrics') {
        const body = Buffer.from(await metrics.text());
        response.writeHead(200, { 'content-type': metrics.contentType, 'content-length': body.length });
        response.end(body);
      } else if (path === '/health/live') {
        sendJson(response, 200, { status: 'live' });
      } else if (path === '/health/ready') {
        const fault = await ready?.().then(
          () => undefined,
          (error: unknown) => String(error instanceof Error ? error.message : error),
        );
        sendJson(
          response,
          fault ? 503 : 200,
          fault ? { status: 'not ready', reason: fault } : { status: 'ready' },
        );
      } else {
        sendJson(response, 404, { errors: [{ message: 'There is nothing here.' }] });
      }
    },
  });
}
