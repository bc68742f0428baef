import type { IncomingHttpHeaders } from 'node:http';
import { CodedError } from '../../platform/errors.js';

/** A page of somebody else may send these without asking first. */
const SIMPLE_TYPES = new Set(['application/x-www-form-urlencoded', 'multipart/form-data', 'text/plain']);
const PREFLIGHT_HEADERS = ['x-apollo-operation-name', 'apollo-require-preflight'];

/**
 * Refuses what a page of somebody else could make a browser send, with its cookies and from its network, without asking
 * first: the rules of Apollo Server, for what does not go through it. A browser's `EventSource` can set no header; the
 * browser itself says when it belongs to a page of this very origin.
 *
 * @throws CodedError `BAD_REQUEST`
 */
export function refuseForged(headers: IncomingHttpHeaders): void {
  const type = headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase();
  if (type !== undefined && !SIMPLE_TYPES.has(type)) return;
  if (PREFLIGHT_HEADERS.some((name) => headers[name] !== undefined && headers[name] !== '')) return;
  if (headers['sec-fetch-site'] === 'same-origin') return;
  throw new CodedError(
    'BAD_REQUEST',
    `This could be a forged request: send content-type application/json, or the header ${PREFLIGHT_HEADERS[1]}.`,
  );
}
