import { Client, fetchExchange, type OperationResult } from '@urql/core';
import { describeGatewayClient } from '../test/support/gatewayClientContract.js';
import { headgateExchange } from './urqlExchange.js';

describeGatewayClient('urql', ({ url, fetch, ...options }) => {
  const client = new Client({ url, fetch, exchanges: [headgateExchange(options), fetchExchange] });
  const dataOf = ({ data, error }: OperationResult): unknown => {
    if (error) throw error;
    return data;
  };
  return {
    query: async (text, variables = {}) => dataOf(await client.query(text, variables)),
    mutate: async (text, variables = {}) => dataOf(await client.mutation(text, variables)),
  };
});
