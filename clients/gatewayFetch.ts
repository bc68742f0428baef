import { CONSISTENCY_HEADER, type ConsistencyTokens } from './consistencyTokens.js';

type Fetch = typeof globalThis.fetch;

export interface GatewayFetchOptions {
  readonly tokens: ConsistencyTokens;
  /** @default the global one, looked up at each call */
  readonly fetch?: Fetch | undefined;
}

/**
 * A `fetch` for whatever speaks to a Headgate gateway: sends back the tokens of earlier writes and takes new ones, and
 * marks GETs as coming from a program, since the gateway refuses those that any page could have made.
 */
export function createGatewayFetch({ tokens, fetch }: GatewayFetchOptions): Fetch {
  return async (input, init) => {
    const request = input instanceof Request ? input : undefined;
    const url = request?.url ?? String(input);
    const headers = new Headers(init?.headers ?? request?.headers);
    const sent = tokens.headerFor(url);
    if (sent !== undefined) headers.set(CONSISTENCY_HEADER, sent);
    if ((init?.method ?? request?.method ?? 'GET').toUpperCase() === 'GET') {
      headers.set('apollo-require-preflight', 'true');
      // It has no body. Some clients name a type all the same, which would be another cache entry in each.
      headers.delete('content-type');
    }
    const response = await (fetch ?? globalThis.fetch)(input, { ...init, headers });
    tokens.take(url, sent, response.headers.get(CONSISTENCY_HEADER));
    return response;
  };
}
