import { createConsistencyTokens } from './consistencyTokens.js';
import { createGatewayFetch } from './gatewayFetch.js';

const gatewayFetch = createGatewayFetch({ tokens: createConsistencyTokens() });

async function ask<Data>(uri: string, query: string, variables: object): Promise<Data> {
  const response = await gatewayFetch(uri, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = (await response.json()) as { data: Data; errors?: { message: string }[] };
  if (errors) throw new Error(errors[0]?.message);
  return data;
}

export async function renameAndRead(uri: string): Promise<string | undefined> {
  const rename = 'mutation ($id: ID!, $name: String!) { rename(id: $id, name: $name) { id } }';
  await ask(uri, rename, { id: 'p1', name: 'Boot' });
  const read = 'query ($id: ID!) { product(id: $id) { name } }';
  const { product } = await ask<{ product: { name: string } }>(uri, read, { id: 'p1' });
  return product.name;
}
