import { Client, cacheExchange, fetchExchange, gql } from '@urql/core';
import { createConsistencyTokens, type TokenStorage } from './consistencyTokens.js';
import { headgateExchange } from './urqlExchange.js';

const PRODUCT = gql<{ product: { name: string } }>`
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
export function createUrqlClient(url: string, storage?: TokenStorage) {
  const tokens = createConsistencyTokens({ storage });
  return new Client({ url, exchanges: [cacheExchange, headgateExchange({ tokens }), fetchExchange] });
}

export async function renameAndRead(url: string): Promise<string | undefined> {
  const client = createUrqlClient(url);
  await client.mutation(RENAME, { id: 'p1', name: 'Boot' });
  const { data } = await client.query(PRODUCT, { id: 'p1' });
  return data?.product.name;
}
