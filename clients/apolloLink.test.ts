import { ApolloClient, gql, InMemoryCache } from '@apollo/client';
import { describeGatewayClient } from '../test/support/gatewayClientContract.js';
import { createHeadgateLink } from './apolloLink.js';

describeGatewayClient('Apollo Client', ({ url, ...options }) => {
  const client = new ApolloClient({
    cache: new InMemoryCache(),
    link: createHeadgateLink({ uri: url, ...options }),
  });
  return {
    async query(text, variables = {}) {
      return (await client.query({ query: gql(text), variables, fetchPolicy: 'no-cache' })).data;
    },
    async mutate(text, variables = {}) {
      return (await client.mutate({ mutation: gql(text), variables, fetchPolicy: 'no-cache' })).data;
    },
  };
});
