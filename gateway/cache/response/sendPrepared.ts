import type { IncomingMessage, ServerResponse } from 'node:http';
import { endWithText } from '../../../platform/http/endWithText.js';
import { REQUEST_ID_HEADER } from '../../../platform/http/requestId.js';
import { endWithShared } from '../../../platform/http/unreadAnswers.js';
import { tagValueText } from '../fetch/tags/tagText.js';
import { negotiateEncoding } from './contentEncoding.js';
import { etagMatches } from './etagMatches.js';
import type { PreparedResponse, Representation } from './preparedResponse.js';

export interface SendOptions {
  readonly requestId: string;
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
  const { prepared } = options;
  const { body, length, encoding, etag } = representation;
  const tags = tagsToSend(options);
  const tagsFit = tags === undefined || tags.length <= MAX_TAG_HEADER_CHARACTERS;
  // Where a CDN is purged by tags, it must not keep what no header is long enough for.
  const seconds = tagsFit ? sharedSeconds(options) : 0;
  // All at once, as names and values in turn: `setHeader` before it would double the cost of `writeHead`, and an object
  // costs more than a list.
  const headers: (string | number)[] = [
    REQUEST_ID_HEADER,
    options.requestId,
    'etag',
    etag,
    'age',
    ageSeconds(options),
    'cache-control',
    cacheControl(options, seconds),
    'vary',
    options.vary,
    'x-cache',
    options.cacheStatus,
  ];
  // NGINX counts `s-maxage` from the arrival, whatever the age; this header goes before it, and no further than NGINX.
  if (seconds > 0) headers.push('x-accel-expires', seconds);
  if (tags !== undefined && tagsFit) headers.push('cache-tag', tags);
  if (etagMatches(headerOf(request, 'if-none-match'), etag)) {
    response.writeHead(304, headers);
    response.end();
    return;
  }
  headers.push('content-type', prepared.contentType, 'content-length', length);
  if (encoding !== 'identity') headers.push('content-encoding', encoding);
  response.writeHead(200, headers);
  if (typeof body === 'string') endWithText(response, body);
  else endWithShared(response, body);
}

/**
 * Browsers ask again each time, and get a 304: no purge reaches what they keep. Shared caches may keep a public answer
 * as long as they are allowed to, since they can be purged or are short-lived.
 */
function cacheControl(options: SendOptions, seconds: number): string {
  if (options.prepared.record.scope === 'private') return 'private, max-age=0, must-revalidate';
  return seconds > 0
    ? // A cache takes the age off before it counts (RFC 9111, section 4.2).
      `public, max-age=0, s-maxage=${ageSeconds(options) + seconds}`
    : 'public, max-age=0, must-revalidate';
}

/** How long a shared cache may keep it from now on. */
function sharedSeconds({ prepared: { record }, now, sharedMaxAgeMs }: SendOptions): number {
  if (record.scope === 'private') return 0;
  return Math.floor(Math.min(sharedMaxAgeMs, Math.max(0, record.freshUntil - now)) / 1000);
}

/** The value of `Cache-Tag`, however long; `undefined` when none is wanted. What no header can carry is percent-encoded. */
function tagsToSend({ prepared: { record }, sendTags }: SendOptions): string | undefined {
  if (!sendTags || record.scope === 'private') return undefined;
  return record.tags.join(',').replaceAll(/[^\x21-\x7e]+/g, (text) => tagValueText(text));
}

function ageSeconds({ prepared: { record }, now }: SendOptions): number {
  return Math.max(0, Math.floor((now - record.createdAt) / 1000));
}

function headerOf(request: IncomingMessage, name: 'accept-encoding' | 'if-none-match'): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
}
