import type { IncomingMessage } from 'node:http';
import { sameSecret } from '../../platform/sameSecret.js';
import type { ExplorerConfig } from '../explorer/explorerConfig.js';

/** A client asks with it how its request was run; answered only where the configuration allows. */
export const TRACE_HEADER = 'headgate-trace';

/** What opens traces, and the schema while introspection is off. */
export const EXPLORER_TOKEN_HEADER = 'headgate-explorer-token';

/** Whether a request carries the token; never where none is configured. */
export function hasExplorerToken({ headers }: IncomingMessage, token: string | undefined): boolean {
  const given = headers[EXPLORER_TOKEN_HEADER];
  return token !== undefined && typeof given === 'string' && sameSecret(given, token);
}

/**
 * Decides who is shown how a request was run: who asks, where it is allowed, and has the token if there is one. In
 * production nobody without.
 *
 * @param production @default whether `NODE_ENV` is `production`
 */
export function createTraceGuard(
  { trace, token }: Pick<ExplorerConfig, 'trace' | 'token'>,
  production = process.env['NODE_ENV'] === 'production',
): (request: IncomingMessage) => boolean {
  if (!trace || (production && token === undefined)) return () => false;
  return (request) =>
    request.headers[TRACE_HEADER] !== undefined && (token === undefined || hasExplorerToken(request, token));
}
