import type { Client } from 'graphql-ws';
import { gatewayConfigSchema } from '../../../gateway/config.js';
import { startGateway } from '../../../gateway/startGateway.js';
import { createStaticSource } from '../../../gateway/supergraph/staticSource.js';
import { silentLogger } from '../../../platform/logger.js';
import { readAsset } from '../../../platform/readAsset.js';
import { composeSupergraph } from '../../../schema/composeSupergraph.js';
import { startCuttableProxy } from '../../support/cuttableProxy.js';
import { graphqlSocketClient } from '../../support/graphqlSocketClient.js';
import { type Shop, startShop } from '../../support/startShop.js';
import { startTestProducts } from '../../support/startTestProducts.js';
import { streamResults } from '../../support/streamResults.js';
import { until } from '../../support/until.js';

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

describe('a subscription at a subgraph of ours whose connection breaks', () => {
  it('goes on with every change that was made meanwhile, in order, and nothing was missed', async () => {
    await using products = await startTestProducts();
    await using proxy = await startCuttableProxy(Number(new URL(products.url).port));
    const url = `${products.url}/graphql`;
    const typeDefs = readAsset('subgraphs/products/typeDefs.graphql');
    const gateway = await startGateway({
      config: gatewayConfigSchema.parse({
        port: 0,
        admin: { port: 0 },
        subgraphs: { byName: { products: { subscriptionUrl: `ws://127.0.0.1:${proxy.port}/graphql` } } },
      }),
      source: createStaticSource(composeSupergraph([{ name: 'products', url, typeDefs }]).supergraphSdl),
      logger: silentLogger(),
    });
    const client = graphqlSocketClient(`${gateway.url}/graphql`);
    try {
      const create = (name: string) =>
        products.query(
          `mutation { createProduct(input: { sku: "${name}", name: "${name}", category: "books",
            price: { amountMinor: 5, currency: "EUR" } }) { id } }`,
        );
      const subscribers = (count: number) =>
        until(`${count} subscribe`, () => products.changes.subscribers === count);
      const stream = streamResults(client, 'subscription { productChanged { product { name } } }');
      await subscribers(1);
      await create('first');
      await stream.first(1);
      proxy.cut();
      await subscribers(0);
      await create('second');
      await create('third');
      proxy.restore();
      await subscribers(1);
      await create('fourth');
      expect(await stream.first(4)).toEqual(
        ['first', 'second', 'third', 'fourth'].map((name) => ({
          data: { productChanged: { product: { name } } },
        })),
      );
    } finally {
      await client.dispose();
      await gateway.stop();
    }
  });
});
