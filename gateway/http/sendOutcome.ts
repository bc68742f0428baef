import type { IncomingMessage, ServerResponse } from 'node:http';
import { REQUEST_ID_HEADER, requestIdOf } from '../../platform/http/requestId.js';
import { endWithShared } from '../../platform/http/unreadAnswers.js';
import { spanOf } from '../../platform/tracing/traceHttp.js';
import { CONSISTENCY_HEADER } from '../cache/consistencyToken.js';
import type { LoadedResponse, ResponseOutcome } from '../cache/response/responseCache.js';
import { sendPrepared } from '../cache/response/sendPrepared.js';
import type { GatewayConfig } from '../config.js';
import type { Authenticator } from '../identity/createAuthenticator.js';
import type { CacheMetrics } from '../metrics/cacheMetrics.js';

export interface SendOutcomeOptions {
  readonly config: GatewayConfig;
  readonly authenticator: Pick<Authenticator, 'headers'>;
  readonly metrics: Pick<CacheMetrics, 'response'>;
  /** Lower-case names of the client's headers that subgraphs are sent, and answer by, or that decide what may be asked. */
  readonly decisiveHeaders: readonly string[];
}

/** At once, except for whoever asks first for an encoding. */
export type SendOutcome = (
  request: IncomingMessage,
  response: ServerResponse,
  outcome: ResponseOutcome,
) => void | Promise<void>;

/** Sends what the response cache came up with, and counts it. */
export function createSendOutcome(options: SendOutcomeOptions): SendOutcome {
  const { config, authenticator, metrics, decisiveHeaders } = options;
  const { sharedMaxAgeMs, sendTags } = config.cache;
  const vary = [
    'accept',
    'accept-encoding',
    // Who has written must not be given what a cache on the way kept from before.
    CONSISTENCY_HEADER,
    ...decisiveHeaders,
    ...authenticator.headers,
    ...(config.cors.origins.length > 0 ? ['origin'] : []),
  ].join(', ');

  return (request, response, outcome) => {
    const { kind, cacheStatus } = outcome;
    metrics.response(cacheStatus);
    // Not read from the headers by whoever ends the span: those of a hit are written without being noted.
    spanOf(request)?.set({ 'headgate.cache': cacheStatus });
    const requestId = requestIdOf(request);
    if (kind === 'loaded') return sendLoaded(response, outcome.loaded, cacheStatus, requestId);
    return sendPrepared(request, response, {
      requestId,
      prepared: outcome.prepared,
      cacheStatus,
      now: Date.now(),
      sharedMaxAgeMs,
      vary,
      sendTags,
    });
  };
}

function sendLoaded(
  response: ServerResponse,
  loaded: LoadedResponse,
  cacheStatus: string,
  requestId: string,
): void {
  if (response.destroyed) return;
  // Once for all that waited for it: of a large answer, a copy for each of them costs more than to send it.
  loaded.bytes ??= Buffer.from(loaded.body);
  const headers: (string | number)[] = [REQUEST_ID_HEADER, requestId];
  for (const [name, value] of loaded.headers) {
    // That of the server behind; an explanation makes the answer longer.
    if (name !== 'content-length') headers.push(name, value);
  }
  if (!loaded.headers.has('cache-control')) headers.push('cache-control', 'no-store');
  headers.push('x-cache', cacheStatus, 'content-length', loaded.bytes.length);
  response.writeHead(loaded.status, headers);
  endWithShared(response, loaded.bytes);
}
