import { graphqlSocketClient } from './graphqlSocketClient.js';

export interface GraphqlAnswer {
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  readonly data: any;
  readonly errors?: readonly { message: string; extensions: Record<string, unknown> }[];
  readonly extensions?: Record<string, unknown>;
  readonly headers: Headers;
}

export interface GraphqlClient {
  ask(
    query: string,
    variables?: Record<string, unknown>,
    headers?: Record<string, string>,
  ): Promise<GraphqlAnswer>;
  /** Results one by one; closing the iterator ends the subscription. `path` is where the socket is. */
  subscribe(
    query: string,
    options?: { variables?: Record<string, unknown>; params?: Record<string, unknown>; path?: string },
  ): AsyncIterableIterator<{ data?: unknown; errors?: readonly { extensions: Record<string, unknown> }[] }>;
}

/** Talks to a server as any client would: POST for operations, `graphql-transport-ws` for subscriptions. */
export function graphqlClient(url: string): GraphqlClient {
  return {
    async ask(query, variables = {}, headers = {}) {
      const response = await fetch(`${url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ query, variables }),
      });
      return { ...((await response.json()) as GraphqlAnswer), headers: response.headers };
    },
    subscribe(query, { variables = {}, params = {}, path = '/graphql' } = {}) {
      const client = graphqlSocketClient(url + path, params);
      return client.iterate({ query, variables }) as ReturnType<GraphqlClient['subscribe']>;
    },
  };
}
