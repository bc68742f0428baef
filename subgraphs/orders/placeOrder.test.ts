import { CodedError } from '../../platform/errors.js';
import { onBothDatabases } from '../../test/support/onBothDatabases.js';
import { identityOf, startTestOrders, type TestOrders } from '../../test/support/startTestOrders.js';
import { ORDERS, ORDERS_COLLECTIONS } from './collections.js';
import { orderIdOf } from './orderId.js';

const NOW = new Date('2026-03-01T12:00:00Z');
const PLACE = `mutation ($input: PlaceOrderInput!) { placeOrder(input: $input) {
  id status placedAt total { amountMinor currency }
  items { quantity unitPrice { amountMinor currency } product { id } }
  timeline { status at }
} }`;
const ada = identityOf('ada');

onBothDatabases('placeOrder', (open) => {
  let orders: TestOrders;
  let count: () => Promise<number>;

  beforeEach(async () => {
    const database = await open(ORDERS_COLLECTIONS);
    count = () => database.collection(ORDERS).count({});
    orders = await startTestOrders(database, () => NOW);
    orders.catalog.prices = new Map([
      ['books-0001', { amountMinor: 1999, currency: 'EUR' }],
      ['toys-0001', { amountMinor: 500, currency: 'EUR' }],
      ['imports-0001', { amountMinor: 700, currency: 'USD' }],
      ['yachts-0001', { amountMinor: 2_000_000_000, currency: 'EUR' }],
    ]);
  });
  afterEach(() => orders[Symbol.asyncDispose]());

  const item = (productId: string, quantity = 1) => ({ productId, quantity });
  const place = (items: readonly object[], idempotencyKey = 'key-1', headers: Record<string, string> = ada) =>
    orders.ask(PLACE, { input: { items, idempotencyKey } }, headers);

  it('answers with the order at today’s prices, and names what changed', async () => {
    const { data, extensions } = await place([item('books-0001', 2), item('toys-0001', 3)]);
    const id = orderIdOf('ada', 'key-1');
    expect(data.placeOrder).toEqual({
      id,
      status: 'PLACED',
      placedAt: NOW.toISOString(),
      total: { amountMinor: 5498, currency: 'EUR' },
      items: [
        { quantity: 2, unitPrice: { amountMinor: 1999, currency: 'EUR' }, product: { id: 'books-0001' } },
        { quantity: 3, unitPrice: { amountMinor: 500, currency: 'EUR' }, product: { id: 'toys-0001' } },
      ],
      timeline: [{ status: 'PLACED', at: NOW.toISOString() }],
    });
    expect(extensions?.['headgate']).toEqual({
      tags: [`Order:id=${id}`, 'Customer:id=ada'],
      operationTime: expect.stringMatching(/^[^@]+@[0-9a-f]{16}$/),
    });
  });

  it('leaves the job for the workers in the same document', async () => {
    await place([item('books-0001')]);
    const id = orderIdOf('ada', 'key-1');
    expect((await orders.store.findById(id))?.outbox).toEqual([
      { id: `${id}/ORDER_PLACED`, type: 'ORDER_PLACED', createdAt: NOW },
    ]);
    // One write: order and job stand or fall together.
    expect(orders.calls.filter(({ method }) => method.startsWith('insert'))).toHaveLength(1);
    expect(orders.calls.filter(({ method }) => method.startsWith('update'))).toHaveLength(0);
  });

  it('makes one order of a hundred requests with one key at once', async () => {
    const answers = await Promise.all(Array.from({ length: 100 }, () => place([item('books-0001', 2)])));
    expect(answers.map(({ errors }) => errors)).toEqual(answers.map(() => undefined));
    expect(new Set(answers.map(({ data }) => JSON.stringify(data))).size).toBe(1);
    expect(await count()).toBe(1);
  });

  it('gives the first order again, though prices rose or products cannot be asked', async () => {
    const first = await place([item('books-0001'), item('toys-0001')]);
    orders.catalog.prices = new Map();
    orders.catalog.failure = new Error('products is away');
    const again = await place([item('toys-0001'), item('books-0001')]);
    expect(again.data).toEqual(first.data);
    expect(orders.catalog.asked).toBe(1);
    // Its first answer may never have reached the gateway.
    expect(again.extensions?.['headgate']).toMatchObject({
      tags: expect.arrayContaining(['Customer:id=ada']),
    });
  });

  it('refuses a used key for other items, also when both come at once', async () => {
    const answers = await Promise.all([place([item('books-0001', 1)]), place([item('books-0001', 2)])]);
    const codes = answers.map(({ errors }) => errors?.[0]?.extensions['code']);
    expect(codes.toSorted()).toEqual(['IDEMPOTENCY_KEY_REUSED', undefined]);
    expect(await count()).toBe(1);
  });

  it('does not mix up customers who chose the same key', async () => {
    await place([item('books-0001', 1)]);
    const { data } = await place([item('toys-0001', 1)], 'key-1', identityOf('grace'));
    expect(data.placeOrder.id).toBe(orderIdOf('grace', 'key-1'));
    expect(await count()).toBe(2);
  });

  it.each([
    ['nobody', {}],
    ['a forged identity', identityOf('ada', 'another secret')],
  ])('refuses %s', async (_, headers) => {
    const { errors } = await place([item('books-0001')], 'key-1', headers);
    expect(errors?.[0]?.extensions['code']).toBe('UNAUTHENTICATED');
    expect(await count()).toBe(0);
  });

  it.each([
    ['no items', [], 'input.items'],
    ['51 items', Array.from({ length: 51 }, (_, index) => item(`books-${index}`)), 'input.items'],
    [
      'a product twice',
      [item('books-0001'), item('toys-0001'), item('books-0001')],
      'input.items[2].productId',
    ],
    ['a quantity of 0', [item('books-0001'), item('toys-0001', 0)], 'input.items[1].quantity'],
    ['a quantity of 100', [item('books-0001', 100)], 'input.items[0].quantity'],
    ['an empty product id', [item('')], 'input.items[0].productId'],
    ['an oversized product id', [item('b'.repeat(101))], 'input.items[0].productId'],
    ['an unknown product', [item('books-0001'), item('books-9999')], 'input.items[1].productId'],
    ['a second currency', [item('books-0001'), item('imports-0001')], 'input.items[1].productId'],
    ['a total that no Int can hold', [item('yachts-0001', 2)], 'input.items'],
  ])('refuses %s by name, and writes nothing', async (_, items, argument) => {
    const { errors, extensions } = await place(items);
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', argument });
    expect(extensions?.['headgate']).toBeUndefined();
    expect(await count()).toBe(0);
  });

  it.each(['', '   ', 'k'.repeat(129)])('refuses the idempotency key %p', async (key) => {
    const { errors } = await place([item('books-0001')], key);
    expect(errors?.[0]?.extensions).toMatchObject({
      code: 'BAD_USER_INPUT',
      argument: 'input.idempotencyKey',
    });
  });

  it.each([
    ['of 256 characters', 't'.repeat(256)],
    ['that spaces make longer than that', `token${' '.repeat(251)}`],
    ['of spaces', '   '],
  ])('refuses a payment token %s, and writes nothing', async (_, paymentToken) => {
    const input = { items: [item('books-0001')], idempotencyKey: 'key-1', paymentToken };
    const { errors } = await orders.ask(PLACE, { input }, ada);
    expect(errors?.[0]?.extensions).toMatchObject({
      code: 'BAD_USER_INPUT',
      argument: 'input.paymentToken',
    });
    expect(await count()).toBe(0);
  });

  it('says when no prices can be had, writes nothing, and works with the same key later', async () => {
    orders.catalog.failure = new CodedError('SUBGRAPH_UNAVAILABLE', 'not reachable', {
      extensions: { service: 'products' },
    });
    const { errors } = await place([item('books-0001')]);
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'SUBGRAPH_UNAVAILABLE', service: 'products' });
    expect(await count()).toBe(0);
    orders.catalog.failure = undefined;
    expect((await place([item('books-0001')])).data.placeOrder.status).toBe('PLACED');
  });
});
