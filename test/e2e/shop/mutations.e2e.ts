import { describeShop } from '../../support/describeShop.js';

const PLACE = `mutation Place($input: PlaceOrderInput!) {
  placeOrder(input: $input) {
    id status total { amountMinor currency }
    items { quantity unitPrice { amountMinor } product { name availability { inStock } } }
    timeline { status }
  }
}`;
const CREATE = `mutation Create($input: CreateProductInput!) {
  createProduct(input: $input) { id sku version availability { inStock available } }
}`;
const RESTOCK = `mutation Restock($productId: ID!, $quantity: Int!) {
  restock(productId: $productId, quantity: $quantity) { onHand available reserved product { id availability { available } } }
}`;

const newProduct = (fields: { sku: string; name: string; category?: string; amountMinor?: number }) => ({
  input: {
    sku: fields.sku,
    name: fields.name,
    description: 'Made for this story.',
    category: fields.category ?? 'office',
    price: { amountMinor: fields.amountMinor ?? 1_250, currency: 'EUR' },
    imageUrls: ['https://example.com/front.webp'],
  },
});

describeShop('what clients change', (shop) => {
  async function createProduct(fields: Parameters<typeof newProduct>[0]): Promise<string> {
    const { data, errors } = await shop().ask(CREATE, newProduct(fields));
    expect(errors).toBeUndefined();
    return data.createProduct.id;
  }

  it('a new product is first in its category, found by its name and SKU, and in no stock yet', async () => {
    const created = await shop().ask(CREATE, newProduct({ sku: 'sto-1', name: 'Zebra Paperclip' }));
    expect(created.errors).toBeUndefined();
    const { id } = created.data.createProduct;
    expect(created.data.createProduct).toEqual({
      id: expect.stringMatching(/^office-/),
      sku: 'STO-1',
      version: 1,
      availability: { inStock: false, available: 0 },
    });
    const { data, errors } = await shop().ask(`{
      own: products(category: "office", first: 1) { edges { node { id name } } }
      other: products(category: "garden", first: 1) { edges { node { id } } }
      found: searchProducts(text: "zebra") { edges { node { id } } }
      bySku: productBySku(sku: "STO-1") { id imageUrls }
    }`);
    expect(errors).toBeUndefined();
    expect(data).toEqual({
      own: { edges: [{ node: { id, name: 'Zebra Paperclip' } }] },
      other: { edges: [{ node: { id: expect.not.stringMatching(id) } }] },
      found: { edges: [{ node: { id } }] },
      bySku: { id, imageUrls: ['https://example.com/front.webp'] },
    });
  });

  it('a SKU belongs to one product, until that one is deleted', async () => {
    const id = await createProduct({ sku: 'STO-2', name: 'First of its kind' });
    const second = await shop().ask(
      CREATE,
      newProduct({ sku: 'STO-2', name: 'Second of its kind', category: 'toys' }),
    );
    expect(second.data).toBeNull();
    expect(second.errors?.[0]?.extensions).toMatchObject({ code: 'CONFLICT', argument: 'input.sku' });
    const deleted = await shop().ask('mutation Delete($id: ID!) { deleteProduct(id: $id) }', { id });
    expect(deleted.data).toEqual({ deleteProduct: id });
    expect(
      (await shop().ask('query ($id: ID!) { product(id: $id) { id } }', { id })).data.product,
    ).toBeNull();
    await createProduct({ sku: 'STO-2', name: 'Third of its kind', category: 'toys' });
  });

  it('a changed product is changed in every list, and a change of an older version is refused', async () => {
    const id = await createProduct({ sku: 'STO-3', name: 'Quokka Stapler', amountMinor: 9_000_000 });
    const update = `mutation Update($id: ID!, $ifVersion: Int) {
      updateProduct(id: $id, input: { name: "Numbat Stapler", price: { amountMinor: 9000001, currency: "EUR" } }, ifVersion: $ifVersion) {
        id name version
      }
    }`;
    const { data } = await shop().ask(update, { id, ifVersion: 1 });
    expect(data.updateProduct).toEqual({ id, name: 'Numbat Stapler', version: 2 });
    const again = await shop().ask(update, { id, ifVersion: 1 });
    expect(again.errors?.[0]?.extensions['code']).toBe('CONFLICT');
    const lists = await shop().ask(`{
      old: searchProducts(text: "quokka") { edges { node { id } } }
      new: searchProducts(text: "numbat") { edges { node { id } } }
      dearest: products(category: "office", sort: PRICE_DESC, first: 1) { edges { node { id price { amountMinor } } } }
    }`);
    expect(lists.data).toEqual({
      old: { edges: [] },
      new: { edges: [{ node: { id } }] },
      dearest: { edges: [{ node: { id, price: { amountMinor: 9_000_001 } } }] },
    });
  });

  it('a delivery is in stock at once, also of a product that had none', async () => {
    const productId = await createProduct({ sku: 'STO-4', name: 'Restocked' });
    for (const [quantity, sum] of [
      [5, 5],
      [7, 12],
    ]) {
      const { data, errors } = await shop().ask(RESTOCK, { productId, quantity });
      expect(errors).toBeUndefined();
      const product = { id: productId, availability: { available: sum } };
      expect(data.restock).toEqual({ onHand: sum, available: sum, reserved: 0, product });
    }
    const { data } = await shop().ask(
      `query ($productId: ID!) {
        stock(productId: $productId) { onHand product { name } }
        product(id: $productId) { availability { inStock available } }
      }`,
      { productId },
    );
    expect(data).toEqual({
      stock: { onHand: 12, product: { name: 'Restocked' } },
      product: { availability: { inStock: true, available: 12 } },
    });
  });

  it('an order is placed once under its key, at the price of that day, and is first of my orders', async () => {
    const productId = await createProduct({ sku: 'STO-5', name: 'Ordered', amountMinor: 300 });
    const input = { idempotencyKey: 'story-5', items: [{ productId, quantity: 4 }] };
    const first = await shop().askAs('edsger', PLACE, { input });
    expect(first.errors).toBeUndefined();
    expect(first.data.placeOrder).toEqual({
      id: expect.any(String),
      status: 'PLACED',
      total: { amountMinor: 1_200, currency: 'EUR' },
      items: [
        {
          quantity: 4,
          unitPrice: { amountMinor: 300 },
          product: { name: 'Ordered', availability: { inStock: false } },
        },
      ],
      timeline: [{ status: 'PLACED' }],
    });
    const dearer = `mutation ($id: ID!) {
      updateProduct(id: $id, input: { price: { amountMinor: 999, currency: "EUR" } }) { version }
    }`;
    expect((await shop().ask(dearer, { id: productId })).errors).toBeUndefined();

    const again = await Promise.all([1, 2, 3].map(() => shop().askAs('edsger', PLACE, { input })));
    for (const { data } of again) expect(data).toEqual(first.data);
    const other = { ...input, items: [{ productId, quantity: 5 }] };
    const reused = await shop().askAs('edsger', PLACE, { input: other });
    expect(reused.errors?.[0]?.extensions['code']).toBe('IDEMPOTENCY_KEY_REUSED');

    const { data } = await shop().askAs('edsger', '{ me { orders(first: 2) { edges { node { id } } } } }');
    const [newest, next] = data.me.orders.edges;
    expect(newest.node.id).toBe(first.data.placeOrder.id);
    expect(next.node.id).not.toBe(newest.node.id);
  });

  it('the same key of another customer is another order', async () => {
    const input = { idempotencyKey: 'story-6', items: [{ productId: 'books-0001', quantity: 1 }] };
    const [mine, theirs] = await Promise.all([
      shop().askAs('grace', PLACE, { input }),
      shop().askAs('linus', PLACE, { input }),
    ]);
    expect(mine.data.placeOrder.id).not.toBe(theirs.data.placeOrder.id);
  });

  it('an order is cancelled while it is only placed; once more changes nothing', async () => {
    const input = { idempotencyKey: 'story-7', items: [{ productId: 'books-0002', quantity: 1 }] };
    const { id } = (await shop().askAs('barbara', PLACE, { input })).data.placeOrder;
    const cancel = 'mutation Cancel($id: ID!) { cancelOrder(id: $id) { id status timeline { status } } }';
    const cancelled = { id, status: 'CANCELLED', timeline: [{ status: 'PLACED' }, { status: 'CANCELLED' }] };
    for (let time = 0; time < 2; time++) {
      const { data, errors } = await shop().askAs('barbara', cancel, { id });
      expect(errors).toBeUndefined();
      expect(data.cancelOrder).toEqual(cancelled);
    }
    const confirmed = await shop().askAs(
      'barbara',
      '{ me { orders(first: 100) { edges { node { id status } } } } }',
    );
    const done = confirmed.data.me.orders.edges.find(
      ({ node }: { node: { status: string } }) => node.status === 'CONFIRMED',
    );
    const late = await shop().askAs('barbara', cancel, { id: done.node.id });
    expect(late.errors?.[0]?.extensions).toMatchObject({ code: 'ILLEGAL_ORDER_STATE', status: 'CONFIRMED' });
  });
});
