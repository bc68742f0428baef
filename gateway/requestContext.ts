import type { IncomingMessage, ServerResponse } from 'node:http';
import { REQUEST_ID_HEADER, requestIdOf } from '../platform/http/requestId.js';
import { IDENTITY_HEADER, type Identity, signIdentity } from '../platform/identity.js';
import type { GatewayConfig } from './config.js';
import type { UpstreamContext } from './upstream/subgraphClient.js';

/** What one client request carries through the gateway. */
export interface RequestContext extends UpstreamContext {
  readonly requestId: string;
  readonly identity: Identity | undefined;
  /** Aborted when the client goes away before its answer is complete. */
  readonly clientGone: AbortSignal;
}

/** Headers that frame a message or belong to one connection: sending them on would corrupt the next hop. */
const NEVER_SENT_ON = new Set([
  'connection',
  'content-length',
  'content-type',
  'content-encoding',
  'accept',
  'accept-encoding',
  'expect',
  'host',
  'keep-alive',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  IDENTITY_HEADER,
  REQUEST_ID_HEADER,
]);

/** Only headers on the allow-list reach subgraphs, and the identity that we found, signed. */
export function createRequestContext(
  config: GatewayConfig,
  request: IncomingMessage,
  response: ServerResponse,
): RequestContext {
  const requestId = requestIdOf(request);
  const headers: Record<string, string> = { [REQUEST_ID_HEADER]: requestId };
  for (const name of config.propagateHeaders) {
    const value = request.headers[name];
    if (value === undefined || NEVER_SENT_ON.has(name)) continue;
    headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  const identity = identify(config, request);
  if (identity && config.identity.secret)
    headers[IDENTITY_HEADER] = signIdentity(identity, config.identity.secret);
  const gone = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) gone.abort(new Error('the client went away'));
  });
  return { requestId, headers, identity, clientGone: gone.signal };
}

function identify(config: GatewayConfig, request: IncomingMessage): Identity | undefined {
  const { trustedHeader } = config.identity;
  const subject = trustedHeader === undefined ? undefined : request.headers[trustedHeader];
  return typeof subject === 'string' && subject !== '' ? { subject } : undefined;
}
