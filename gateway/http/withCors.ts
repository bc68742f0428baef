import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RequestHandler } from '../../platform/http/httpServer.js';
import type { CorsConfig } from './corsConfig.js';

/** What a page may read of an answer besides what browsers always show. */
const EXPOSED =
  'age, etag, headgate-consistency, ratelimit, ratelimit-policy, retry-after, x-cache, x-request-id';

/**
 * Lets pages of the listed origins read the answers, and answers the question that a browser asks before it sends
 * anything unusual. Other pages get no header that would allow it; what they send is treated as that of any client, and
 * is refused where it looks like a forged request.
 */
export function withCors(config: CorsConfig, handler: RequestHandler): RequestHandler {
  const { origins, credentials, maxAgeSeconds } = config;
  if (origins.length === 0) return handler;
  const allowed = new Set(origins);
  const allowsAll = allowed.has('*');

  function allow(request: IncomingMessage, response: ServerResponse): boolean {
    const { origin } = request.headers;
    response.setHeader('vary', 'origin');
    if (origin === undefined || !(allowsAll || allowed.has(origin))) return false;
    response.setHeader('access-control-allow-origin', allowsAll ? '*' : origin);
    if (credentials) response.setHeader('access-control-allow-credentials', 'true');
    return true;
  }

  return (request, response) => {
    const isAllowed = allow(request, response);
    const isPreflight =
      request.method === 'OPTIONS' && request.headers['access-control-request-method'] !== undefined;
    if (!isPreflight) {
      if (isAllowed) response.setHeader('access-control-expose-headers', EXPOSED);
      return handler(request, response);
    }
    if (isAllowed) {
      response.setHeader('access-control-allow-methods', 'GET, POST');
      const wanted = request.headers['access-control-request-headers'];
      if (wanted !== undefined) response.setHeader('access-control-allow-headers', wanted);
      response.setHeader('access-control-max-age', maxAgeSeconds);
    }
    response.writeHead(isAllowed ? 204 : 403, { 'content-length': 0 });
    response.end();
  };
}
