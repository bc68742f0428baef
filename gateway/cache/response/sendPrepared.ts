import type { IncomingMessage, ServerResponse } from 'node:http';
import { negotiateEncoding } from './contentEncoding.js';
import { etagMatches } from './etagMatches.js';
import type { PreparedResponse, Representation } from './preparedResponse.js';

export interface SendOptions {
  readonly prepared: PreparedResponse;
  /** For `x-cache`, such as `hit; tier=memory`. */
  readonly cacheStatus: string;
  readonly now: number;
  /** For how long shared caches may keep a public answer, in ms; no longer than it is fresh here. */
  readonly sharedMaxAgeMs: number;
  /** What the answer depends on besides the URL and body. */
  readonly vary: string;
  /** Whether `Cache-Tag` is sent, for a CDN that purges by it. */
  readonly sendTags: boolean;
}

/** Longer header lines are refused by common proxies. */
const MAX_TAG_HEADER_CHARACTERS = 8_000;

/** Sends bytes that are ready, or 304 when the client has them. */
export function sendPrepared(
  request: IncomingMessage,
  response: ServerResponse,
  options: SendOptions,
): void | Promise<void> {
  const representation = options.prepared.representation(
    negotiateEncoding(headerOf(request, 'accept-encoding')),
  );
  // Not `instanceof`: zlib's promises may come from another realm.
  if ('then' in representation) {
    return representation.then((ready) => send(request, response, options, ready));
  }
  send(request, response, options, representation);
}

function send(
  request: IncomingMessage,
  response: ServerResponse,
  options: SendOptions,
  representation: Representation,
) {
  if (response.destroyed) return;
  const { prepared, now } = options;
  const { bytes, encoding, etag } = representation;
  const headers: Record<string, string | number> = {
    etag,
    age: Math.max(0, Math.floor((now - prepared.record.createdAt) / 1000)),
    'cache-control': cacheControl(options),
    vary: options.vary,
    'x-cache': options.cacheStatus,
  };
  if (options.sendTags && prepared.record.scope === 'public') {
    const tags = prepared.record.tags.join(',');
    if (tags.length <= MAX_TAG_HEADER_CHARACTERS) headers['cache-tag'] = tags;
  }
  if (etagMatches(headerOf(request, 'if-none-match'), etag)) {
    response.writeHead(304, headers);
    response.end();
    return;
  }
  headers['content-type'] = prepared.contentType;
  headers['content-length'] = bytes.length;
  if (encoding !== 'identity') headers['content-encoding'] = encoding;
  response.writeHead(200, headers);
  response.end(bytes);
}

/**
 * Browsers ask again each time, and get a 304: no purge reaches what they keep. Shared caches may keep a public answer
 * as long as they are allowed to, since they can be purged or are short-lived.
 */
function cacheControl({ prepared, now, sharedMaxAgeMs }: SendOptions): string {
  const { record } = prepared;
  if (record.scope === 'private') return 'private, max-age=0, must-revalidate';
  const sharedSeconds = Math.floor(Math.min(sharedMaxAgeMs, Math.max(0, record.freshUntil - now)) / 1000);
  return sharedSeconds > 0
    ? `public, max-age=0, s-maxage=${sharedSeconds}`
    : 'public, max-age=0, must-revalidate';
}

function headerOf(request: IncomingMessage, name: 'accept-encoding' | 'if-none-match'): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
}
