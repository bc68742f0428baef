import { sampleOrders } from '../../../subgraphs/orders/sampleOrders.js';
import { describeShop } from '../../support/describeShop.js';

const MY_ORDERS = '{ me { id orders(first: 100) { edges { node { id } } } } }';
const ORDER = 'query Order($id: ID!) { order(id: $id) { id status } }';

describeShop('orders', (shop) => {
  const ordersOf = (customer: string): string[] =>
    sampleOrders(shop().openedAt)
      .filter(({ customerId }) => customerId === customer)
      .map(({ _id }) => _id);

  it('are shown to who placed them, and to nobody else', async () => {
    for (const customer of ['ada', 'grace']) {
      const { data, errors } = await shop().askAs(customer, MY_ORDERS);
      expect(errors).toBeUndefined();
      expect(data.me.id).toBe(customer);
      const seen = data.me.orders.edges.map(({ node }: { node: { id: string } }) => node.id);
      expect(seen.sort()).toEqual(ordersOf(customer).sort());
    }
  });

  it('look like unknown ones to whom they do not belong', async () => {
    const id = ordersOf('grace')[0] as string;
    const asOwner = await shop().askAs('grace', ORDER, { id });
    expect(asOwner.data.order).toEqual({ id, status: 'CONFIRMED' });
    for (const stranger of [await shop().askAs('ada', ORDER, { id }), await shop().ask(ORDER, { id })]) {
      expect(stranger.errors).toBeUndefined();
      expect(stranger.data).toEqual({ order: null });
    }
  });

  it('cannot be cancelled by anybody else, who learns nothing from the refusal', async () => {
    const cancel = 'mutation Cancel($id: ID!) { cancelOrder(id: $id) { id } }';
    const theirs = await shop().askAs('ada', cancel, { id: ordersOf('grace')[0] });
    const unknown = await shop().askAs('ada', cancel, { id: '000-00000000000000000000000000000000' });
    expect(theirs.errors?.map(({ message, extensions }) => ({ message, extensions }))).toEqual(
      unknown.errors?.map(({ message, extensions }) => ({ message, extensions })),
    );
    expect(theirs.errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', argument: 'id' });
    const after = await shop().askAs('grace', ORDER, { id: ordersOf('grace')[0] });
    expect(after.data.order.status).toBe('CONFIRMED');
  });

  it('are nobody’s without an identity', async () => {
    const { data, errors } = await shop().ask(MY_ORDERS);
    expect(errors).toBeUndefined();
    expect(data).toEqual({ me: null });
    const input = { items: [{ productId: 'books-0001', quantity: 1 }], idempotencyKey: 'anonymous' };
    const placed = await shop().ask(
      'mutation Place($input: PlaceOrderInput!) { placeOrder(input: $input) { id } }',
      {
        input,
      },
    );
    expect(placed.errors?.[0]?.extensions['code']).toBe('UNAUTHENTICATED');
  });

  it('are not opened by an identity that a client made up for the subgraphs', async () => {
    const forged = `${Buffer.from('{"sub":"grace"}').toString('base64url')}.${'A'.repeat(43)}`;
    const { data } = await shop().ask(MY_ORDERS, {}, { 'headgate-identity': forged });
    expect(data).toEqual({ me: null });
    const alongside = await shop().askAs('ada', '{ me { id } }', {}, { 'headgate-identity': forged });
    expect(alongside.data).toEqual({ me: { id: 'ada' } });
  });
});
