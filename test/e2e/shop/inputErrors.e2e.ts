import { describeShop } from '../../support/describeShop.js';

const PLACE = 'mutation ($input: PlaceOrderInput!) { placeOrder(input: $input) { id } }';
const CREATE = 'mutation ($input: CreateProductInput!) { createProduct(input: $input) { id } }';
const UPDATE =
  'mutation ($id: ID!, $input: UpdateProductInput!) { updateProduct(id: $id, input: $input) { id } }';

const item = (fields: object = {}) => ({ productId: 'books-0001', quantity: 1, ...fields });
const order = (fields: object) => ({ input: { items: [item()], idempotencyKey: 'input-errors', ...fields } });
const product = (fields: object) => ({
  input: {
    sku: 'INPUT-ERRORS',
    name: 'A name',
    category: 'books',
    price: { amountMinor: 100, currency: 'EUR' },
    ...fields,
  },
});
const change = (input: object) => ({ id: 'books-0001', input });

/** What is asked, and the argument that the error names. */
const REFUSED: readonly [string, { query: string; variables?: object; argument: string }][] = [
  [
    'a cursor that is none',
    { query: '{ products(after: "nonsense") { edges { cursor } } }', argument: 'after' },
  ],
  ['no product at all', { query: '{ products(first: 0) { edges { cursor } } }', argument: 'first' }],
  ['101 products', { query: '{ products(first: 101) { edges { cursor } } }', argument: 'first' }],
  ['an empty category', { query: '{ products(category: " ") { edges { cursor } } }', argument: 'category' }],
  [
    'an oversized category',
    { query: `{ products(category: "${'x'.repeat(41)}") { edges { cursor } } }`, argument: 'category' },
  ],
  [
    'a negative price',
    {
      query: '{ products(filter: { minPriceMinor: -1 }) { edges { cursor } } }',
      argument: 'filter.minPriceMinor',
    },
  ],
  [
    'prices from more to less',
    {
      query: '{ products(filter: { minPriceMinor: 2, maxPriceMinor: 1 }) { edges { cursor } } }',
      argument: 'filter.minPriceMinor',
    },
  ],
  ['a search for nothing', { query: '{ searchProducts(text: "") { edges { cursor } } }', argument: 'text' }],
  ['a search for blanks', { query: '{ searchProducts(text: "  ") { edges { cursor } } }', argument: 'text' }],
  ['a search for signs', { query: '{ searchProducts(text: "?!") { edges { cursor } } }', argument: 'text' }],
  [
    'an oversized search',
    { query: `{ searchProducts(text: "${'x'.repeat(101)}") { edges { cursor } } }`, argument: 'text' },
  ],
  [
    '101 results',
    { query: '{ searchProducts(text: "atlas", first: 101) { edges { cursor } } }', argument: 'first' },
  ],
  ['an oversized SKU', { query: `{ productBySku(sku: "${'X'.repeat(41)}") { id } }`, argument: 'sku' }],
  ['0 orders', { query: '{ me { orders(first: 0) { edges { cursor } } } }', argument: 'first' }],
  ['101 orders', { query: '{ me { orders(first: 101) { edges { cursor } } } }', argument: 'first' }],
  [
    'orders after a cursor that is none',
    { query: '{ me { orders(after: "nonsense") { edges { cursor } } } }', argument: 'after' },
  ],
  ['an order of nothing', { query: PLACE, variables: order({ items: [] }), argument: 'input.items' }],
  [
    'an order of 51 items',
    { query: PLACE, variables: order({ items: Array(51).fill(item()) }), argument: 'input.items' },
  ],
  [
    'an order of 0 pieces',
    {
      query: PLACE,
      variables: order({ items: [item({ quantity: 0 })] }),
      argument: 'input.items[0].quantity',
    },
  ],
  [
    'an order of 100 pieces',
    {
      query: PLACE,
      variables: order({ items: [item({ quantity: 100 })] }),
      argument: 'input.items[0].quantity',
    },
  ],
  [
    'an order that names a product twice',
    { query: PLACE, variables: order({ items: [item(), item()] }), argument: 'input.items[1].productId' },
  ],
  [
    'an order of a product that is not there',
    {
      query: PLACE,
      variables: order({ items: [item({ productId: 'books-9999' })] }),
      argument: 'input.items[0].productId',
    },
  ],
  [
    'an order without an idempotency key',
    { query: PLACE, variables: order({ idempotencyKey: '' }), argument: 'input.idempotencyKey' },
  ],
  [
    'an order with an oversized idempotency key',
    { query: PLACE, variables: order({ idempotencyKey: 'k'.repeat(129) }), argument: 'input.idempotencyKey' },
  ],
  [
    'cancelling an order that is not there',
    { query: 'mutation { cancelOrder(id: "nonsense") { id } }', argument: 'id' },
  ],
  [
    'a delivery of nothing',
    { query: 'mutation { restock(productId: "books-0001", quantity: 0) { onHand } }', argument: 'quantity' },
  ],
  [
    'an oversized delivery',
    {
      query: 'mutation { restock(productId: "books-0001", quantity: 1000001) { onHand } }',
      argument: 'quantity',
    },
  ],
  [
    'a delivery of what can be no product',
    { query: 'mutation { restock(productId: "nonsense", quantity: 1) { onHand } }', argument: 'productId' },
  ],
  ['a product without a name', { query: CREATE, variables: product({ name: ' ' }), argument: 'input.name' }],
  [
    'a product with an oversized name',
    { query: CREATE, variables: product({ name: 'n'.repeat(121) }), argument: 'input.name' },
  ],
  [
    'a product with an oversized description',
    { query: CREATE, variables: product({ description: 'd'.repeat(2_001) }), argument: 'input.description' },
  ],
  [
    'a product of an unknown category',
    { query: CREATE, variables: product({ category: 'weapons' }), argument: 'input.category' },
  ],
  ['a SKU with blanks', { query: CREATE, variables: product({ sku: 'A B' }), argument: 'input.sku' }],
  [
    'a price in another currency',
    {
      query: CREATE,
      variables: product({ price: { amountMinor: 1, currency: 'USD' } }),
      argument: 'input.price.currency',
    },
  ],
  [
    'a negative price of a product',
    {
      query: CREATE,
      variables: product({ price: { amountMinor: -1, currency: 'EUR' } }),
      argument: 'input.price.amountMinor',
    },
  ],
  [
    'nine images',
    {
      query: CREATE,
      variables: product({ imageUrls: Array(9).fill('https://example.com/a.png') }),
      argument: 'input.imageUrls',
    },
  ],
  [
    'an image from just anywhere',
    {
      query: CREATE,
      variables: product({ imageUrls: ['http://example.com/a.png'] }),
      argument: 'input.imageUrls[0]',
    },
  ],
  ['a change of nothing', { query: UPDATE, variables: change({}), argument: 'input' }],
  [
    'a move to another category',
    { query: UPDATE, variables: change({ category: 'toys' }), argument: 'input.category' },
  ],
];

describeShop('what cannot be meant', (shop) => {
  it.each(REFUSED)(
    'is refused by the name of its argument: %s',
    async (_what, { query, variables, argument }) => {
      const { data, errors } = await shop().askAs('barbara', query, variables as Record<string, unknown>);
      expect(errors).toHaveLength(1);
      expect(errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', argument });
      expect(errors?.[0]?.message).toContain(argument);
      expect(Object.values(data ?? {}).every((value) => value === null || isEmptyCustomer(value))).toBe(true);
    },
  );

  it('is refused also where it is a cursor of another list', async () => {
    const cheapest = '{ products(category: "books", sort: PRICE_ASC, first: 1) { pageInfo { endCursor } } }';
    const { data } = await shop().ask(cheapest);
    const after = data.products.pageInfo.endCursor;
    for (const other of ['products(category: "books", sort: NEWEST', 'searchProducts(text: "atlas"']) {
      const { errors } = await shop().ask(
        `query ($after: String) { ${other}, after: $after) { edges { cursor } } }`,
        {
          after,
        },
      );
      expect(errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', argument: 'after' });
    }
  });

  it.each([
    'product(id: "books-9999") { id }',
    'product(id: "nonsense") { id availability { inStock } }',
    'product(id: "") { id }',
    'productBySku(sku: "NO-SUCH-SKU") { id }',
    'order(id: "nonsense") { id }',
    'order(id: "000-00000000000000000000000000000000") { id }',
    'stock(productId: "books-9999") { onHand }',
  ])('is not the same as unknown, which is null: %s', async (selection) => {
    const { data, errors } = await shop().askAs('barbara', `{ unknown: ${selection} }`);
    expect(errors).toBeUndefined();
    expect(data).toEqual({ unknown: null });
  });

  it.each([
    'updateProduct(id: "books-9999", input: { name: "New" }) { id }',
    'deleteProduct(id: "books-9999")',
  ])('is not the same as gone already, which is null: %s', async (mutation) => {
    const { data, errors } = await shop().ask(`mutation { gone: ${mutation} }`);
    expect(errors).toBeUndefined();
    expect(data).toEqual({ gone: null });
  });
});

/** `me` itself is fine when its `orders` are refused; federation makes it null too, since the list may not be. */
function isEmptyCustomer(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.values(value).every((field) => field === null);
}
