import { type IncomingHttpHeaders, validateHeaderValue } from 'node:http';
import { CodedError } from '../../platform/errors.js';
import { CONSISTENCY_HEADER } from '../cache/consistencyToken.js';
import type { GatewayConfig } from '../config.js';
import type { Caller } from '../identity/caller.js';
import { CLIENT_HEADERS } from '../usage/clientOf.js';

/** Who is at the other end of a connection. Kept for as long as it lasts, so no more than is needed. */
export interface StreamClient {
  /** Those that can make a difference, with lower-case names. */
  readonly headers: IncomingHttpHeaders;
  readonly caller: Caller;
  /** Where the connection comes from, where that makes a difference. */
  readonly address?: string | undefined;
}

/** What is known of a connection before it has said who it is. */
export interface Visitor {
  readonly headers: IncomingHttpHeaders;
  readonly address?: string | undefined;
}

/**
 * The headers of a connection: those of its request, and what `connection_init` adds, since browsers cannot set headers
 * of a WebSocket. It may set what clients may send anyway, and not the header that a proxy vouches for.
 *
 * @param identityHeaders what the authenticator looks at
 * @throws CodedError `BAD_REQUEST` for what would be sent on and cannot be a header
 */
export function clientHeaders(
  { identity, propagateHeaders, streaming }: GatewayConfig,
  identityHeaders: readonly string[],
  request: IncomingHttpHeaders,
  connectionParams: Readonly<Record<string, unknown>> = {},
): IncomingHttpHeaders {
  const trusted = identity.trustedHeader;
  const names = new Set([CONSISTENCY_HEADER, ...CLIENT_HEADERS, ...identityHeaders, ...propagateHeaders]);
  const headers: IncomingHttpHeaders = {};
  for (const name of names) {
    if (request[name] !== undefined) headers[name] = request[name];
  }
  for (const [param, value] of Object.entries(connectionParams)) {
    const name = param.toLowerCase();
    if (typeof value !== 'string' || !names.has(name) || name === 'cookie') continue;
    if (name === trusted && !streaming.trustConnectionParams) continue;
    if (propagateHeaders.includes(name)) checkHeader(name, value);
    headers[name] = value;
  }
  return headers;
}

/** Over HTTP nothing else gets in. No subgraph could be asked with it, and that would not be the fault of any. */
function checkHeader(name: string, value: string): void {
  try {
    validateHeaderValue(name, value);
  } catch (cause) {
    throw new CodedError('BAD_REQUEST', `The value of "${name}" cannot be that of a header.`, { cause });
  }
}
