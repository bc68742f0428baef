import { type HttpServer, listen } from '../../platform/http/httpServer.js';
import type { Logger } from '../../platform/logger.js';
import type { GatewayConfig } from '../config.js';
import type { Gateway } from '../createGateway.js';

/** The listener for clients, as it is configured. Rejects when its port is taken. */
export function listenForClients(
  { handler, upgrade, metrics }: Pick<Gateway, 'handler' | 'upgrade' | 'metrics'>,
  { host, port, drainTimeoutMs, sendTimeoutMs, maxUnreadBytes }: GatewayConfig,
  logger: Logger,
): Promise<HttpServer> {
  const onSlowReader = metrics.slowReaders.cut;
  return listen({
    host,
    port,
    handler,
    upgrade,
    drainTimeoutMs,
    sendTimeoutMs,
    maxUnreadBytes,
    onSlowReader,
    logger,
  });
}
