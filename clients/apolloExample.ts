import { ApolloClient, gql, InMemoryCache } from '@apollo/client';
import { createHeadgateLink } from './apolloLink.js';
import { createConsistencyTokens, type TokenStorage } from './consistencyTokens.js';

const PRODUCT = gql`
  query Product($id: ID!) {
    product(id: $id) {
      id
      name
    }
  }
`;

const RENAME = gql`
  mutation Rename($id: ID!, $name: String!) {
    rename(id: $id, name: $name) {
      id
    }
  }
`;

/** In a browser, pass `window.sessionStorage`: then a page that is loaded anew still reads what it wrote. */
export function createApolloClient(uri: string, storage?: TokenStorage) {
  const tokens = createConsistencyTokens({ storage });
  return new ApolloClient({ cache: new InMemoryCache(), link: createHeadgateLink({ uri, tokens }) });
}

export async function renameAndRead(uri: string): Promise<string | undefined> {
  const client = createApolloClient(uri);
  const variables = { id: 'p1' };
  await client.mutate({ mutation: RENAME, variables: { ...variables, name: 'Boot' } });
  const { data } = await client.query<{ product: { name: string } }>({ query: PRODUCT, variables });
  return data?.product.name;
}
