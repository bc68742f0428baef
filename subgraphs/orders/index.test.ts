import { silentLogger } from '../../platform/logger.js';
import { graphqlClient } from '../../test/support/graphqlClient.js';
import { onBothDatabases } from '../../test/support/onBothDatabases.js';
import { identityOf } from '../../test/support/startTestOrders.js';
import { startTestProducts } from '../../test/support/startTestProducts.js';
import { type OrdersOptions, startOrders } from './index.js';

const SECRET = 'secret-of-the-gateway';
const PLACE =
  'mutation ($input: PlaceOrderInput!) { placeOrder(input: $input) { total { amountMinor currency } } }';

onBothDatabases('startOrders', (_open, newUri) => {
  const options = (productsUrl: string): OrdersOptions => ({
    port: 0,
    database: { uri: newUri() },
    productsUrl,
    feedToken: 'feed-token',
    identitySecret: SECRET,
    logger: silentLogger(),
  });

  it('is ready, with forty sample orders of each sample customer', async () => {
    const running = await startOrders({ ...options('http://127.0.0.1:9/graphql'), sampleData: true });
    try {
      expect((await fetch(`${running.url}/health/ready`)).status).toBe(200);
      const { ask } = graphqlClient(running.url);
      for (const customer of ['ada', 'grace', 'linus']) {
        const list = '{ me { orders(first: 100) { edges { node { status } } } } }';
        const { data } = await ask(list, {}, identityOf(customer, SECRET));
        expect(data.me.orders.edges).toHaveLength(40);
      }
    } finally {
      await running.close();
    }
  });

  it('takes prices from the products subgraph, and says which product it does not know', async () => {
    await using products = await startTestProducts();
    const create = `mutation { createProduct(input: {
      sku: "B-1", name: "A book", category: "books", price: { amountMinor: 1250, currency: "EUR" }
    }) { id } }`;
    const productId = (await products.query(create)).data.createProduct.id;
    const running = await startOrders(options(`${products.url}/graphql`));
    try {
      const { ask } = graphqlClient(running.url);
      const place = (...ids: string[]) => {
        const items = ids.map((id) => ({ productId: id, quantity: 2 }));
        return ask(PLACE, { input: { items, idempotencyKey: ids.join() } }, identityOf('ada', SECRET));
      };
      expect((await place(productId)).data.placeOrder.total).toEqual({ amountMinor: 2500, currency: 'EUR' });
      const unknown = await place(productId, 'books-missing', 'no id');
      expect(unknown.errors?.[0]?.extensions).toMatchObject({
        code: 'BAD_USER_INPUT',
        argument: 'input.items[1].productId',
      });
    } finally {
      await running.close();
    }
  });
});
