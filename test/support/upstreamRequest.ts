import type { UpstreamRequest } from '../../gateway/streaming/upstream/upstreamTransport.js';

/** A subscription as a transport is asked for it. */
export function upstreamRequest(url: string, change: Partial<UpstreamRequest> = {}): UpstreamRequest {
  return {
    subgraph: 'rooms',
    url,
    query: 'subscription { changed }',
    operationName: undefined,
    variables: undefined,
    headers: {},
    key: 'one',
    connectionKey: 'one',
    ...change,
  };
}
