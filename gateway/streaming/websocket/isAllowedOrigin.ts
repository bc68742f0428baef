import type { IncomingHttpHeaders } from 'node:http';
import type { GatewayConfig } from '../../config.js';

/**
 * Browsers let any page open a WebSocket anywhere, with the cookies of whoever looks at it, and ask nobody first. So
 * where a cookie can decide who calls, because cookies are sent on to subgraphs or a proxy says who it is, only pages of
 * the same host may, unless the configuration names others. What is no browser sends no origin, and could send any.
 */
export function isAllowedOrigin(config: GatewayConfig, headers: IncomingHttpHeaders): boolean {
  const { origin, host } = headers;
  if (origin === undefined) return true;
  const { allowedOrigins, trustConnectionParams } = config.streaming;
  if (allowedOrigins !== undefined) return allowedOrigins.includes(origin);
  const isToldByProxy = config.identity.trustedHeader !== undefined && !trustConnectionParams;
  if (!isToldByProxy && !config.propagateHeaders.includes('cookie')) return true;
  return URL.canParse(origin) && new URL(origin).host === host;
}
