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
      const fetch = createGatewayFetch({ tokens, fetch: operation.context.fetch });
      return makeOperation(operation.kind, operation, { ...operation.context, fetch });
    },
  });
  if (!persistedQueries || sha256 === undefined) return consistent;
  const persisted = persistedExchange({
    preferGetForPersistedQueries: 'within-url-limit',
    generateHash: async (text) => sha256(text),
  });
  return composeExchanges([persisted, consistent]);
}
