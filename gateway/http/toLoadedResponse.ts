import { CONSISTENCY_HEADER } from '../cache/consistencyToken.js';
import type { LoadedResponse } from '../cache/response/responseCache.js';
import type { RequestContext } from '../requestContext.js';

export interface FinishedResponse {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Map<string, string>;
  readonly body: string;
  /** For what the request has written and seen. */
  readonly consistencyToken: string | undefined;
}

/** A whole answer, with what its fetches allow to be done with it. */
export function toLoadedResponse(
  { cache: { facts } }: RequestContext,
  { status, headers, body, consistencyToken }: FinishedResponse,
): LoadedResponse {
  if (consistencyToken !== undefined) headers.set(CONSISTENCY_HEADER, consistencyToken);
  return {
    status,
    headers,
    contentType: headers.get('content-type') ?? 'application/json; charset=utf-8',
    body,
    facts: facts.toFacts(),
    identityBound: facts.identityBound,
    private: facts.scope === 'private',
    composed: facts.isComposed,
    apart: facts.apart,
  };
}
