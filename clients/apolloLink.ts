import { ApolloLink } from '@apollo/client/link';
import { BaseHttpLink } from '@apollo/client/link/http';
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries';
import { OperationTypeNode } from 'graphql';
import { createConsistencyTokens } from './consistencyTokens.js';
import type { GatewayClientOptions } from './gatewayClientOptions.js';
import { createGatewayFetch } from './gatewayFetch.js';
import { platformSha256 } from './sha256.js';

export interface HeadgateLinkOptions
  extends GatewayClientOptions,
    Pick<BaseHttpLink.Options, 'uri' | 'headers' | 'credentials' | 'fetch'> {}

/** Servers refuse request lines that are much longer; the query itself is a hash of fixed length. */
const MAX_GET_VARIABLES = 4_096;

/**
 * The terminating link of an Apollo Client 4 that speaks to a Headgate gateway: reads its own writes, and asks in a way
 * that caches on the way can answer.
 */
export function createHeadgateLink(options: HeadgateLinkOptions = {}): ApolloLink {
  const { tokens = createConsistencyTokens(), persistedQueries = true, sha256 = platformSha256() } = options;
  const { uri, headers, credentials } = options;
  // Not `HttpLink`: that one writes its own version into each request, so no two releases would share a cached answer.
  const http = new BaseHttpLink({
    ...(uri !== undefined && { uri }),
    ...(headers !== undefined && { headers }),
    ...(credentials !== undefined && { credentials }),
    fetch: createGatewayFetch({ tokens, fetch: options.fetch }),
  });
  if (!persistedQueries || sha256 === undefined) return http;
  const persisted = new PersistedQueryLink({ sha256, useGETForHashedQueries: true });
  return ApolloLink.split(
    ({ operationType }) => operationType === OperationTypeNode.QUERY,
    ApolloLink.from([persisted, longVariablesOverPost(), http]),
    http,
  );
}

function longVariablesOverPost(): ApolloLink {
  return new ApolloLink((operation, forward) => {
    if (encodeURIComponent(JSON.stringify(operation.variables)).length > MAX_GET_VARIABLES) {
      operation.setContext(({ fetchOptions }) => ({ fetchOptions: { ...fetchOptions, method: 'POST' } }));
    }
    return forward(operation);
  });
}
