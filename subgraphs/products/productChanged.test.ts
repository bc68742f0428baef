import type { ExecutionResult } from 'graphql';
import type { Client } from 'graphql-ws';
import { graphqlSocketClient } from '../../test/support/graphqlSocketClient.js';
import { startTestProducts, type TestProducts } from '../../test/support/startTestProducts.js';
import { until } from '../../test/support/until.js';

const SUBSCRIPTION = /* GraphQL */ `
  subscription ($id: ID, $category: String) {
    productChanged(id: $id, category: $category) {
      kind
      productId
      category
      product {
        name
        version
      }
    }
  }
`;

type Result = ExecutionResult<{ productChanged: Record<string, unknown> }>;

describe('productChanged', () => {
  let products: TestProducts;
  let client: Client;
  beforeEach(async () => {
    products = await startTestProducts();
    client = graphqlSocketClient(`${products.url}/graphql`);
  });
  afterEach(async () => {
    await client.dispose();
    await products[Symbol.asyncDispose]();
  });

  /** Resolves when the subscription is certain to see the next write. */
  async function subscribe(variables: Record<string, unknown> = {}): Promise<AsyncGenerator<Result, void>> {
    const before = products.changes.subscribers;
    const results = client.iterate({ query: SUBSCRIPTION, variables });
    await until('the subscription has begun', () => products.changes.subscribers > before);
    return results as unknown as AsyncGenerator<Result, void>;
  }
  const next = async (results: AsyncGenerator<Result, void>) =>
    (await results.next()).value?.data?.productChanged;

  async function create(sku: string, category: string): Promise<string> {
    const { data } = await products.query(
      `mutation { createProduct(input: { sku: "${sku}", name: "${sku}", category: "${category}",
        price: { amountMinor: 5, currency: "EUR" } }) { id } }`,
    );
    return data.createProduct.id;
  }
  const rename = (id: string, name: string) =>
    products.query(`mutation { updateProduct(id: "${id}", input: { name: "${name}" }) { id } }`);

  it('tells what came, what changed and what went', async () => {
    const results = await subscribe();
    const productId = await create('A', 'books');
    const base = { productId, category: 'books' };
    expect(await next(results)).toEqual({ ...base, kind: 'CREATED', product: { name: 'A', version: 1 } });
    await rename(productId, 'New');
    expect(await next(results)).toEqual({ ...base, kind: 'UPDATED', product: { name: 'New', version: 2 } });
    await products.query(`mutation { deleteProduct(id: "${productId}") }`);
    expect(await next(results)).toEqual({ ...base, kind: 'DELETED', product: null });
  });

  it('is silent about other categories', async () => {
    const results = await subscribe({ category: 'garden' });
    await create('A', 'books');
    const productId = await create('B', 'garden');
    expect(await next(results)).toMatchObject({ productId });
  });

  it('is silent about other products', async () => {
    const [mine, other] = [await create('A', 'books'), await create('B', 'books')];
    const results = await subscribe({ id: mine });
    await rename(other, 'Not for me');
    await rename(mine, 'For me');
    expect(await next(results)).toMatchObject({ productId: mine, product: { name: 'For me' } });
  });

  it('wants both to fit when both are given', async () => {
    const book = await create('A', 'books');
    const [never, always] = [await subscribe({ id: book, category: 'garden' }), await subscribe()];
    let told = false;
    void never.next().then(() => {
      told = true;
    });
    await rename(book, 'New');
    await next(always);
    expect(told).toBe(false);
  });

  it('tells with each event where it stands, and goes on after any of them', async () => {
    const results = await subscribe();
    for (const name of ['first', 'second', 'third']) await create(name, 'books');
    const { value: first } = await results.next();
    const own = first?.extensions?.['headgate'] as { cursor: string; operationTime: string };
    expect(own).toEqual({ cursor: expect.any(String), operationTime: expect.stringContaining('@') });
    const extensions = { headgate: { resumeAfter: own.cursor } };
    const later = client.iterate({ query: SUBSCRIPTION, extensions }) as unknown as typeof results;
    expect([await next(later), await next(later)]).toMatchObject([
      { product: { name: 'second' } },
      { product: { name: 'third' } },
    ]);
  });

  it('says that the events after a cursor are gone', async () => {
    const results = client.iterate({
      query: SUBSCRIPTION,
      extensions: { headgate: { resumeAfter: 'of-another-time' } },
    });
    const { value } = await results.next();
    expect(value?.errors).toMatchObject([{ extensions: { code: 'CURSOR_LOST' } }]);
    expect(await results.next()).toMatchObject({ done: true });
  });

  it.each([
    ['id', { id: 'nonsense' }],
    ['category', { category: '' }],
  ])('refuses a bad %s', async (argument, variables) => {
    const results = client.iterate({ query: SUBSCRIPTION, variables });
    const { value } = await results.next();
    expect(value?.errors).toEqual([
      expect.objectContaining({ extensions: { code: 'BAD_USER_INPUT', argument } }),
    ]);
  });

  it('is all that works over a WebSocket: writes go over HTTP, where they are reported', async () => {
    const results = client.iterate({ query: 'mutation { deleteProduct(id: "books-1") }' });
    await expect(results.next()).rejects.toEqual([
      expect.objectContaining({ extensions: { code: 'UNSUPPORTED_OPERATION' } }),
    ]);
  });
});
