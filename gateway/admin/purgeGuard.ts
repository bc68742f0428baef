import type { IncomingMessage } from 'node:http';
import { sameSecret } from '../../platform/sameSecret.js';
import type { AdminConfig } from './adminConfig.js';
import { AdminRefusal } from './adminRefusal.js';
import { hostOf, isLoopback } from './loopback.js';

export interface PurgeGuardOptions {
  readonly config: Pick<AdminConfig, 'host' | 'token'>;
  /** Whether this is production: then there is no purge without a token. */
  readonly production: boolean;
  /** Whether a page from this very address may do what a program on this machine may. @default false */
  readonly mayOwnPage?: boolean | undefined;
}

const HOW = 'set gateway.admin.token (HEADGATE_ADMIN_TOKEN) and send it as "Authorization: Bearer <token>"';

/** What a proxy adds: whoever sits behind it is not on this machine, though the proxy is. */
const PROXY_HEADERS = ['forwarded', 'x-forwarded-for', 'x-real-ip', 'via'];

/**
 * Decides who may purge. With a token configured: who sends it. Without one: a program on this machine, on a listener
 * that only this machine reaches, outside production, and not a page in a browser, since any page could send it there,
 * unless it is a page of our own.
 *
 * @returns throws `AdminRefusal` 401 or 403 for everybody else
 */
export function createPurgeGuard({
  config,
  production,
  mayOwnPage = false,
}: PurgeGuardOptions): (request: IncomingMessage) => void {
  const { token, host } = config;
  if (token !== undefined) return (request) => checkToken(request.headers.authorization, token);
  return (request) => {
    if (production) throw closed('in production there is no purge without a token');
    if (!isLoopback(host))
      throw closed('without a token there is no purge on a listener that others can reach');
    if (!isFromThisMachine(request, mayOwnPage))
      throw closed('without a token only programs on this machine may purge');
  };
}

function checkToken(authorization: string | undefined, token: string): void {
  if (authorization === undefined) {
    throw new AdminRefusal(401, 'a token is needed: send "Authorization: Bearer <admin token>"');
  }
  // Apollo Router takes its key without a scheme, and so do the programs that were written for it.
  const given = authorization.replace(/^bearer +/i, '');
  if (!sameSecret(given, token)) throw new AdminRefusal(401, 'this is not the admin token');
}

function isFromThisMachine({ socket, headers }: IncomingMessage, mayOwnPage: boolean): boolean {
  // A page whose name was made to resolve to 127.0.0.1 sends that name as `Host`.
  if (!isLoopback(socket.remoteAddress) || !isLoopback(hostOf(headers.host))) return false;
  const isPage = headers.origin !== undefined || headers['sec-fetch-site'] !== undefined;
  if (isPage && !(mayOwnPage && isOwnPage(headers))) return false;
  return PROXY_HEADERS.every((name) => headers[name] === undefined);
}

/** The browser says so of the page, and no page can make it say otherwise. */
function isOwnPage({ origin, host, ...headers }: IncomingMessage['headers']): boolean {
  return headers['sec-fetch-site'] === 'same-origin' && origin === `http://${host}`;
}

function closed(reason: string): AdminRefusal {
  return new AdminRefusal(403, `purge is closed: ${reason}; ${HOW}`);
}
