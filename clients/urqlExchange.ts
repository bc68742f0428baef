import { composeExchanges, type Exchange, makeOperation, mapExchange } from '@urql/core';
import { persistedExchange } from '@urql/exchange-persisted';
import { createConsistencyTokens } from './consistencyTokens.js';
import type { GatewayClientOptions } from './gatewayClientOptions.js';
import { createGatewayFetch } from './gatewayFetch.js';
import { platformSha256 } from './sha256.js';

/**
 * An exchange for urql, to stand right before `fetchExchange` of a client that speaks to a Headgate gateway: reads its
 * own writes, and asks in a way that caches on the way can answer.
 */
export function headgateExchange(options: GatewayClientOptions = {}): Exchange {
  const { tokens = createConsistencyTokens(), persistedQueries = true, sha256 = platformSha256() } = options;
  const consistent = mapExchange({
    onOperation(operation) {
      if (operation.kind === 'teardown') return operation;
      const { context, extensions } = operation;
      const fetch = createGatewayFetch({ tokens, fetch: context.fetch });
      // A text over GET would be kept on the way under another name than the hash that everybody asks by.
      const isByHash = extensions?.persistedQuery !== undefined && !extensions.persistedQuery.miss;
      const preferGetMethod = isByHash ? (context.preferGetMethod ?? false) : false;
      return makeOperation(operation.kind, operation, { ...context, fetch, preferGetMethod });
    },
  });
  if (!persistedQueries || sha256 === undefined) return consistent;
  const persisted = persistedExchange({
    preferGetForPersistedQueries: 'within-url-limit',
    generateHash: async (text) => sha256(text),
  });
  return composeExchanges([persisted, consistent]);
}
