import { collectDefaultMetrics, Registry } from 'prom-client';
import type { Database } from '../../platform/database/database.js';
import { type HttpServer, listen } from '../../platform/http/httpServer.js';
import { sendJson } from '../../platform/http/sendJson.js';
import type { Logger } from '../../platform/logger.js';
import type { WorkerMetrics } from './workerMetrics.js';

export interface WorkerAdminOptions {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly database: Pick<Database, 'ping'>;
  readonly metrics: Pick<WorkerMetrics, 'registry' | 'text'>;
  readonly logger: Logger;
}

const READY_TIMEOUT_MS = 2_000;

/** The listener for operators of a worker: `/metrics`, `/health/live`, `/health/ready`. */
export async function startWorkerAdmin(options: WorkerAdminOptions): Promise<HttpServer> {
  const { host, port, database, metrics, logger } = options;
  const process = new Registry();
  collectDefaultMetrics({ register: process });
  return listen({
    host,
    port,
    logger,
    async handler(request, response) {
      const path = (request.url ?? '/').split('?', 1)[0];
      if (path === '/metrics') {
        const text = [await metrics.text(), await process.metrics()].join('\n');
        response.writeHead(200, { 'content-type': metrics.registry.contentType });
        response.end(text);
      } else if (path === '/health/live') {
        sendJson(response, 200, { status: 'live' });
      } else if (path === '/health/ready') {
        // Without Redis a worker waits; without its database it can do nothing at all.
        const ready = await database.ping(READY_TIMEOUT_MS).then(
          () => true,
          () => false,
        );
        sendJson(response, ready ? 200 : 503, { status: ready ? 'ready' : 'not ready' });
      } else {
        sendJson(response, 404, { errors: [{ message: 'There is nothing here.' }] });
      }
    },
  });
}
