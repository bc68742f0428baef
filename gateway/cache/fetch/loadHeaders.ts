import { REQUEST_ID_HEADER } from '../../../platform/http/requestId.js';
import { IDENTITY_HEADER } from '../../../platform/identity.js';
import type { FetchCacheSettings } from './fetchCacheSettings.js';

/** To subgraphs: reads must be at least as new as this operation time. */
export const AFTER_HEADER = 'headgate-after';

export type HeaderMap = Readonly<Record<string, string>>;

/** They follow one request through all processes and must not change an answer, so they are sent on, but in no key. */
const TRACING = [REQUEST_ID_HEADER, 'traceparent', 'tracestate'];

/** Listing one of these as a header of the client's has no effect: the gateway alone says what is in them. */
const NOT_THE_CLIENTS: ReadonlySet<string> = new Set([...TRACING, IDENTITY_HEADER, AFTER_HEADER]);

/** Whether a header of this name can make a difference to an answer, when clients' are sent on. */
export function changesAnswers(name: string): boolean {
  return !NOT_THE_CLIENTS.has(name);
}

/** Those of the request's headers that can make a difference to the subgraph's answer. */
export function keyedHeaders(headers: HeaderMap, settings: FetchCacheSettings): HeaderMap {
  const keyed: Record<string, string> = {};
  for (const name of settings.propagateHeaders) {
    const value = headers[name];
    if (value !== undefined && changesAnswers(name)) keyed[name] = value;
  }
  return keyed;
}

/**
 * The headers of a load. Made of what is in its key, and of what changes no answer: a header that reached the
 * subgraph without being in the key would give one client what another one's header brought.
 */
export function loadHeaders(
  headers: HeaderMap,
  keyed: HeaderMap,
  settings: FetchCacheSettings,
  after: string | undefined,
): HeaderMap {
  const sent: Record<string, string> = { ...keyed };
  for (const name of TRACING) {
    const value = headers[name];
    if (value !== undefined) sent[name] = value;
  }
  const identity = headers[IDENTITY_HEADER];
  if (settings.forwardIdentity && identity !== undefined) sent[IDENTITY_HEADER] = identity;
  if (after !== undefined) sent[AFTER_HEADER] = after;
  return sent;
}
