import { Writable } from 'node:stream';
import pino from 'pino';
import { startTestProducts, type TestProducts } from '../../test/support/startTestProducts.js';
import type { ProductStore } from './store.js';

const CREATE = /* GraphQL */ `
  mutation ($input: CreateProductInput!) {
    createProduct(input: $input) {
      id
      version
    }
  }
`;
const input = (change: Record<string, unknown> = {}) => ({
  sku: 'A-1',
  name: 'Atlas',
  category: 'books',
  price: { amountMinor: 1999, currency: 'EUR' },
  ...change,
});

async function create(products: TestProducts, change?: Record<string, unknown>): Promise<string> {
  const { data, errors } = await products.query(CREATE, { input: input(change) });
  if (errors) throw new Error(JSON.stringify(errors));
  return data.createProduct.id;
}

describe('the products subgraph', () => {
  let products: TestProducts;
  beforeEach(async () => {
    products = await startTestProducts({ publicImageBaseUrl: 'https://cdn.example.com/' });
  });
  afterEach(() => products[Symbol.asyncDispose]());

  describe('answers queries', () => {
    it('about one product, by id and by SKU, with absolute image URLs', async () => {
      const id = await create(products, { imageUrls: ['/images/a.svg', 'https://elsewhere.example/b.png'] });
      const fields = '{ id sku name category price { amountMinor currency } imageUrls updatedAt version }';
      const { data } = await products.query(
        `query ($id: ID!) { product(id: $id) ${fields} productBySku(sku: "A-1") ${fields} }`,
        { id },
      );
      expect(data.product).toEqual({
        id,
        sku: 'A-1',
        name: 'Atlas',
        category: 'books',
        price: { amountMinor: 1999, currency: 'EUR' },
        imageUrls: ['https://cdn.example.com/images/a.svg', 'https://elsewhere.example/b.png'],
        updatedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
        version: 1,
      });
      expect(data.productBySku).toEqual(data.product);
    });

    it('with null for an id or a SKU that nobody has', async () => {
      const { data, errors } = await products.query(
        '{ unknown: product(id: "books-x") { id } malformed: product(id: "?") { id } productBySku(sku: "X") { id } }',
      );
      expect({ data, errors }).toEqual({
        data: { unknown: null, malformed: null, productBySku: null },
        errors: undefined,
      });
    });

    it('as nobody’s or nothing’s what has spaces around it: the tag of such an answer would have them too', async () => {
      await create(products);
      const { data } = await products.query(
        `{
          productBySku(sku: " A-1") { id }
          products(category: "books ") { edges { node { id } } }
          searchProducts(text: " atlas ", category: " books") { edges { node { id } } }
        }`,
      );
      expect(data).toEqual({ productBySku: null, products: { edges: [] }, searchProducts: { edges: [] } });
    });

    it('with pages that follow each other', async () => {
      for (const sku of ['A', 'B', 'C']) await create(products, { sku, name: sku });
      const PAGE = `query ($after: String) {
        products(category: "books", sort: NAME_ASC, first: 2, after: $after) {
          edges { node { name } } pageInfo { hasNextPage endCursor }
        }
      }`;
      const first = (await products.query(PAGE)).data.products;
      const second = (await products.query(PAGE, { after: first.pageInfo.endCursor })).data.products;
      const names = [first, second].map(({ edges }) => edges.map((edge: never) => edge['node']['name']));
      expect(names).toEqual([['A', 'B'], ['C']]);
      expect([first.pageInfo.hasNextPage, second.pageInfo.hasNextPage]).toEqual([true, false]);
    });

    it('with the age that it may reach in a cache', async () => {
      const { headers } = await products.query('{ products { edges { node { name } } } }');
      expect(headers.get('cache-control')).toBe('max-age=60, public');
      const written = await products.query(CREATE, { input: input() });
      expect(written.headers.get('cache-control')).toBe('no-store');
    });
  });

  it('reads a page of 50 entities in one command', async () => {
    const ids: string[] = [];
    for (let index = 0; index < 49; index++) {
      ids.push(await create(products, { sku: `S${index}`, category: index % 2 ? 'books' : 'garden' }));
    }
    products.calls.length = 0;
    const { data } = await products.query(
      'query ($of: [_Any!]!) { _entities(representations: $of) { ... on Product { id name } } }',
      { of: [...ids, 'books-unknown'].map((id) => ({ __typename: 'Product', id })) },
    );
    expect(data._entities.map((entity: { id: string } | null) => entity?.id)).toEqual([...ids, undefined]);
    expect(products.calls).toHaveLength(1);
  });

  it('reads several products of one request in one command', async () => {
    const [a, b] = [await create(products, { sku: 'A' }), await create(products, { sku: 'B' })];
    products.calls.length = 0;
    await products.query(
      `{ a: product(id: "${a}") { name } b: product(id: "${b}") { name } again: product(id: "${a}") { sku } }`,
    );
    expect(products.calls).toEqual([
      expect.objectContaining({
        method: 'find',
        argument: { category: { $in: ['books'] }, _id: { $in: [a, b] } },
      }),
    ]);
  });

  describe('refuses, and names the argument', () => {
    it.each([
      ['first', '{ products(first: 0) { pageInfo { hasNextPage } } }'],
      ['first', '{ products(first: 101) { pageInfo { hasNextPage } } }'],
      ['after', '{ products(after: "nonsense") { pageInfo { hasNextPage } } }'],
      ['category', '{ products(category: "") { pageInfo { hasNextPage } } }'],
      ['category', `{ products(category: "${'x'.repeat(41)}") { pageInfo { hasNextPage } } }`],
      ['filter.minPriceMinor', '{ products(filter: { minPriceMinor: -1 }) { pageInfo { hasNextPage } } }'],
      [
        'filter.minPriceMinor',
        '{ products(filter: { minPriceMinor: 2, maxPriceMinor: 1 }) { pageInfo { hasNextPage } } }',
      ],
      ['text', '{ searchProducts(text: " ") { pageInfo { hasNextPage } } }'],
      ['text', '{ searchProducts(text: "!!") { pageInfo { hasNextPage } } }'],
      ['text', `{ searchProducts(text: "${'x'.repeat(101)}") { pageInfo { hasNextPage } } }`],
      ['sku', '{ productBySku(sku: "") { id } }'],
      ['input', 'mutation { updateProduct(id: "books-1", input: {}) { id } }'],
      ['input.category', 'mutation { updateProduct(id: "books-1", input: { category: "garden" }) { id } }'],
      ['ifVersion', 'mutation { updateProduct(id: "books-1", input: { name: "x" }, ifVersion: 0) { id } }'],
    ])('%s: %s', async (argument, query) => {
      const { errors } = await products.query(query);
      expect(errors).toEqual([expect.objectContaining({ extensions: { code: 'BAD_USER_INPUT', argument } })]);
    });

    it.each([
      ['input.sku', { sku: 'a b' }],
      ['input.name', { name: '' }],
      ['input.name', { name: 'x'.repeat(121) }],
      ['input.description', { description: 'x'.repeat(2_001) }],
      ['input.category', { category: 'weapons' }],
      ['input.price.amountMinor', { price: { amountMinor: -1, currency: 'EUR' } }],
      ['input.price.currency', { price: { amountMinor: 1, currency: 'USD' } }],
      ['input.imageUrls', { imageUrls: Array(9).fill('/images/a.svg') }],
      ['input.imageUrls[1]', { imageUrls: ['/images/a.svg', 'javascript:alert(1)'] }],
      ['input.imageUrls[0]', { imageUrls: ['/images/../secret'] }],
    ])('%s of a new product, and writes nothing', async (argument, change) => {
      products.calls.length = 0;
      const { errors } = await products.query(CREATE, { input: input(change) });
      expect(errors).toEqual([expect.objectContaining({ extensions: { code: 'BAD_USER_INPUT', argument } })]);
      expect(products.calls).toEqual([]);
    });
  });

  describe('writes', () => {
    it('and says what changed and when, once for all that the request did', async () => {
      const { data, extensions } = await products.query(CREATE, { input: input() });
      expect(extensions).toEqual({
        headgate: {
          tags: [
            `Product:id=${data.createProduct.id}`,
            'products:category=',
            'products:category=books',
            'searchProducts:category=',
            'searchProducts:category=books',
            'productBySku:sku=A-1',
          ],
          operationTime: expect.stringMatching(/@[0-9a-f]{16}$/),
        },
      });
    });

    it('and says nothing when it was refused', async () => {
      const { errors, extensions } = await products.query(CREATE, { input: input({ name: '' }) });
      expect(errors).toHaveLength(1);
      expect(extensions).toBeUndefined();
    });

    it('and nothing at all changes when somebody only reads', async () => {
      const { extensions } = await products.query('{ categories { name } }');
      expect(extensions).toBeUndefined();
    });

    it('and a changed description touches no list', async () => {
      const id = await create(products);
      const { data, extensions } = await products.query(
        `mutation { updateProduct(id: "${id}", input: { description: "New", category: "books" }) { description version } }`,
      );
      expect(data.updateProduct).toEqual({ description: 'New', version: 2 });
      expect(extensions).toMatchObject({ headgate: { tags: [`Product:id=${id}`] } });
    });

    it('and refuses a SKU that another product has', async () => {
      await create(products);
      const { errors, extensions } = await products.query(CREATE, { input: input({ sku: 'a-1' }) });
      expect(errors?.[0]?.extensions).toEqual({ code: 'CONFLICT', argument: 'input.sku' });
      expect(extensions).toBeUndefined();
    });

    it('and refuses to overwrite a version that the caller has not seen', async () => {
      const id = await create(products);
      const UPDATE = `mutation { updateProduct(id: "${id}", input: { name: "New" }, ifVersion: 1) { version } }`;
      expect((await products.query(UPDATE)).data.updateProduct).toEqual({ version: 2 });
      const { errors } = await products.query(UPDATE);
      expect(errors?.[0]?.extensions).toEqual({ code: 'CONFLICT', argument: 'ifVersion', version: 2 });
    });

    it('and answers null for a product that is not there, with nothing changed', async () => {
      const { data, errors, extensions } = await products.query(
        'mutation { updateProduct(id: "books-x", input: { name: "New" }) { id } deleteProduct(id: "books-x") }',
      );
      expect({ data, errors, extensions }).toEqual({
        data: { updateProduct: null, deleteProduct: null },
        errors: undefined,
        extensions: { headgate: { tags: [], operationTime: expect.stringMatching(/@[0-9a-f]{16}$/) } },
      });
    });

    it('and reads its own delete within the same request', async () => {
      const id = await create(products);
      const { data } = await products.query(`mutation { deleteProduct(id: "${id}") }`);
      expect(data.deleteProduct).toBe(id);
      expect((await products.query(`{ product(id: "${id}") { id } }`)).data.product).toBeNull();
    });
  });

  it('tells whether it is ready, until it drains', async () => {
    const health = async (path: string) => (await fetch(`${products.url}/health/${path}`)).status;
    expect([await health('live'), await health('ready'), await health('other')]).toEqual([200, 200, 404]);
  });
});

describe('an unexpected error', () => {
  it('is logged whole, once, and the client gets nothing of it but its request id', async () => {
    const lines: string[] = [];
    const stream = new Writable({
      write(chunk, _encoding, done) {
        lines.push(String(chunk));
        done();
      },
    });
    const broken = { byIds: () => Promise.reject(new Error('shard 3 of db.internal fell over')) };
    await using products = await startTestProducts({
      store: broken as unknown as ProductStore,
      logger: pino({ level: 'warn' }, stream),
    });
    const { errors, headers } = await products.query('{ product(id: "books-1") { id } }');
    const requestId = headers.get('x-request-id');
    expect(errors).toEqual([
      expect.objectContaining({
        message: 'Internal server error',
        extensions: { code: 'INTERNAL_SERVER_ERROR', requestId },
      }),
    ]);
    const logged = lines.filter((line) => line.includes('shard 3 of db.internal'));
    expect(logged).toHaveLength(1);
    expect(JSON.parse(logged[0] as string)).toMatchObject({ requestId });
  });
});

describe('health', () => {
  it('is not ready, with the reason, while the database does not answer', async () => {
    await using products = await startTestProducts({
      ready: () => Promise.reject(new Error('no database')),
    });
    const response = await fetch(`${products.url}/health/ready`);
    expect([response.status, await response.json()]).toEqual([
      503,
      { status: 'not ready', reason: 'no database' },
    ]);
    expect((await fetch(`${products.url}/health/live`)).status).toBe(200);
  });
});
