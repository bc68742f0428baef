import type { Client } from 'graphql-ws';
import { graphqlSocketClient } from '../../support/graphqlSocketClient.js';
import { type Shop, startShop } from '../../support/startShop.js';
import { streamResults } from '../../support/streamResults.js';

const CHANGES = `subscription ($category: String!) {
  productChanged(category: $category) {
    kind
    product { name price { amountMinor } availability { inStock available } }
  }
}`;
const UPDATE =
  'mutation ($id: ID!, $input: UpdateProductInput!) { updateProduct(id: $id, input: $input) { id } }';

describe('subscriptions of the sample shop, through the gateway', () => {
  let shop: Shop;
  let client: Client;
  beforeAll(async () => {
    shop = await startShop();
  });
  afterAll(() => shop[Symbol.asyncDispose]());
  beforeEach(() => {
    client = graphqlSocketClient(`${shop.url}/graphql`);
  });
  afterEach(() => client.dispose());

  it('bring each change of a product, with what inventory knows of it', async () => {
    const books = streamResults(client, { query: CHANGES, variables: { category: 'books' } });
    // A subscription begins now and not earlier, and nothing tells when: so it is changed until a change arrives.
    const change = () => shop.ask(UPDATE, { id: 'books-0001', input: { name: 'Summer Atlas' } });
    const changing = setInterval(() => void change(), 100);
    const [first] = await books.first(1).finally(() => clearInterval(changing));
    expect(first).toEqual({
      data: {
        productChanged: {
          kind: 'UPDATED',
          product: {
            name: 'Summer Atlas',
            price: { amountMinor: 3900 },
            availability: { inStock: true, available: 16 },
          },
        },
      },
    });
  });
});
