import { onBothDatabases } from '../../test/support/onBothDatabases.js';
import {
  identityOf,
  ORDERS_FEED_TOKEN,
  startTestOrders,
  type TestOrders,
} from '../../test/support/startTestOrders.js';
import { until } from '../../test/support/until.js';
import { withoutImages } from '../../test/support/withoutImages.js';
import { ORDERS_COLLECTIONS } from './collections.js';
import { bucketOfCustomer, orderIdOf } from './orderId.js';
import type { OrderStatus } from './orderState.js';

const START = new Date('2026-03-01T12:00:00Z').getTime();
const PLACE = 'mutation ($input: PlaceOrderInput!) { placeOrder(input: $input) { id } }';
const CANCEL = 'mutation ($id: ID!) { cancelOrder(id: $id) { id status timeline { status } } }';
const ORDER = 'query ($id: ID!) { order(id: $id) { id status } }';
const LIST = `query ($first: Int, $after: String) { me { id orders(first: $first, after: $after) {
  edges { cursor node { id } } pageInfo { hasNextPage endCursor }
} } }`;
const ENTITIES = `query ($representations: [_Any!]!) { _entities(representations: $representations) {
  ... on Order { id status } ... on Customer { id orders(first: 1) { edges { node { id } } } }
} }`;
const ORDER_CHANGED = 'subscription ($id: ID!) { orderChanged(id: $id) { id status timeline { status } } }';
const ada = identityOf('ada');
const grace = identityOf('grace');

/** A customer whose orders are in the same bucket. */
function neighbourOf(customerId: string): string {
  for (let index = 0; ; index++) {
    if (bucketOfCustomer(`customer-${index}`) === bucketOfCustomer(customerId)) return `customer-${index}`;
  }
}

onBothDatabases('orders subgraph', (open) => {
  let orders: TestOrders;
  let now = START;

  beforeEach(async () => {
    now = START;
    orders = await startTestOrders(await open(ORDERS_COLLECTIONS), () => new Date(now));
    orders.catalog.prices = new Map([['books-0001', { amountMinor: 1999, currency: 'EUR' }]]);
  });
  afterEach(() => orders[Symbol.asyncDispose]());

  async function place(idempotencyKey: string, headers = ada): Promise<string> {
    const input = { items: [{ productId: 'books-0001', quantity: 1 }], idempotencyKey };
    return (await orders.ask(PLACE, { input }, headers)).data.placeOrder.id;
  }
  async function advance(orderId: string, ...statuses: readonly OrderStatus[]): Promise<void> {
    for (const to of statuses) {
      expect(await orders.store.transition({ orderId, to, at: new Date(now) })).not.toBeNull();
    }
  }

  it('knows who asks, and that nobody does', async () => {
    expect((await orders.ask('{ me { id } }', {}, ada)).data).toEqual({ me: { id: 'ada' } });
    expect(await orders.ask('{ me { id } }')).toMatchObject({ data: { me: null } });
    const forged = identityOf('ada', 'another secret');
    expect(await orders.ask('{ me { id } }', {}, forged)).toMatchObject({ data: { me: null } });
  });

  it('shows an order to its owner alone, by id and as an entity', async () => {
    const id = await place('key-1');
    const representations = [
      { __typename: 'Order', id },
      { __typename: 'Customer', id: 'ada' },
    ];
    const own = { id, status: 'PLACED' };
    expect((await orders.ask(ORDER, { id }, ada)).data).toEqual({ order: own });
    expect((await orders.ask(ENTITIES, { representations }, ada)).data).toEqual({
      _entities: [own, { id: 'ada', orders: { edges: [{ node: { id } }] } }],
    });
    for (const headers of [grace, identityOf(neighbourOf('ada')), {}, identityOf('ada', 'another secret')]) {
      expect((await orders.ask(ORDER, { id }, headers)).data).toEqual({ order: null });
      expect((await orders.ask(ENTITIES, { representations }, headers)).data).toEqual({
        _entities: [null, null],
      });
    }
    expect((await orders.ask(LIST, {}, grace)).data.me.orders.edges).toEqual([]);
  });

  it.each(['', 'books-0001', orderIdOf('ada', 'never placed')])('gives null for the order %p', async (id) => {
    expect((await orders.ask(ORDER, { id }, ada)).data).toEqual({ order: null });
  });

  it('lets caches keep what is private for its owner only', async () => {
    const id = await place('key-1');
    for (const query of [ORDER, LIST]) {
      const { headers } = await orders.ask(query, { id }, ada);
      expect(headers.get('cache-control')).toBe('max-age=30, private');
    }
  });

  it("pages through a customer's orders, newest first, each once, while new ones come", async () => {
    const placed: string[] = [];
    for (let index = 0; index < 7; index++) {
      // Two at a time have the same moment: ties must neither repeat nor leave out.
      now = START + Math.floor(index / 2) * 60_000;
      placed.push(await place(`key-${index}`));
      await place(`key-${index}`, grace);
    }
    const seen: string[] = [];
    let after: string | null = null;
    let hasNextPage = true;
    while (hasNextPage) {
      const { data } = await orders.ask(LIST, { first: 3, after }, ada);
      seen.push(...data.me.orders.edges.map((edge: { node: { id: string } }) => edge.node.id));
      ({ hasNextPage, endCursor: after } = data.me.orders.pageInfo);
      now += 60_000;
      await place(`meanwhile-${seen.length}`);
    }
    expect(seen.toSorted()).toEqual(placed.toSorted());
    expect(seen[0]).toBe(placed[6]);
    expect(new Set(seen.slice(-2))).toEqual(new Set(placed.slice(0, 2)));
  });

  it.each([
    [{ first: 0 }, 'first'],
    [{ first: 101 }, 'first'],
    [{ after: 'no cursor' }, 'after'],
  ])('refuses the page %p', async (variables, argument) => {
    const { errors } = await orders.ask(LIST, variables, ada);
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', argument });
  });

  it('reads a page of 50 orders as entities with one command, and none for ids of other customers', async () => {
    const ids = await Promise.all(Array.from({ length: 50 }, (_, index) => place(`key-${index}`)));
    orders.calls.length = 0;
    const representations = ids.map((id) => ({ __typename: 'Order', id }));
    expect((await orders.ask(ENTITIES, { representations }, ada)).data._entities).toEqual(
      ids.map((id) => ({ id, status: 'PLACED' })),
    );
    expect(orders.calls).toHaveLength(1);
    orders.calls.length = 0;
    await orders.ask(ENTITIES, { representations }, grace);
    expect(orders.calls).toEqual([]);
  });

  it('cancels a placed order once, with the job to undo what may be under way', async () => {
    const id = await place('key-1');
    const cancelled = {
      cancelOrder: { id, status: 'CANCELLED', timeline: [{ status: 'PLACED' }, { status: 'CANCELLED' }] },
    };
    const answers = await Promise.all([orders.ask(CANCEL, { id }, ada), orders.ask(CANCEL, { id }, ada)]);
    for (const { data, extensions } of answers) {
      expect(data).toEqual(cancelled);
      expect(extensions?.['headgate']).toMatchObject({ tags: [`Order:id=${id}`, 'Customer:id=ada'] });
    }
    const types = (await orders.store.findById(id))?.outbox.map(({ type }) => type);
    expect(types).toEqual(['ORDER_PLACED', 'ORDER_CANCELLED']);
  });

  it.each<OrderStatus[]>([['STOCK_RESERVED'], ['STOCK_RESERVED', 'PAID']])(
    'cancels what is under way (%p %p)',
    async (...way) => {
      const id = await place('key-1');
      await advance(id, ...way.filter(Boolean));
      const { data } = await orders.ask(CANCEL, { id }, ada);
      expect(data.cancelOrder.status).toBe('CANCELLED');
    },
  );

  it('does not cancel what is confirmed', async () => {
    const id = await place('key-1');
    await advance(id, 'STOCK_RESERVED', 'PAID', 'CONFIRMED');
    const { errors } = await orders.ask(CANCEL, { id }, ada);
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'ILLEGAL_ORDER_STATE', status: 'CONFIRMED' });
    expect((await orders.store.findById(id))?.status).toBe('CONFIRMED');
  });

  it("tells another customer's order and a missing one apart by nothing", async () => {
    const id = await place('key-1');
    const others = await orders.ask(CANCEL, { id }, grace);
    const missing = await orders.ask(CANCEL, { id: orderIdOf('grace', 'never placed') }, grace);
    expect(others.errors?.[0]).toMatchObject({ extensions: { code: 'BAD_USER_INPUT', argument: 'id' } });
    expect(missing.errors).toEqual(others.errors);
    expect((await orders.ask(CANCEL, { id })).errors?.[0]?.extensions['code']).toBe('UNAUTHENTICATED');
    expect((await orders.store.findById(id))?.status).toBe('PLACED');
  });

  it('sends each change of an order to its owner', async () => {
    const id = await place('key-1');
    const events = orders.subscribe(ORDER_CHANGED, { variables: { id }, params: ada });
    const first = events.next();
    await until('somebody listens', () => orders.changes.subscribers === 1);
    await advance(await place('key-2'), 'STOCK_RESERVED');
    await advance(id, 'STOCK_RESERVED', 'PAID');
    const statuses = (...all: OrderStatus[]) => all.map((status) => ({ status }));
    expect(await first).toMatchObject({
      value: {
        data: {
          orderChanged: { id, status: 'STOCK_RESERVED', timeline: statuses('PLACED', 'STOCK_RESERVED') },
        },
      },
    });
    expect(await events.next()).toMatchObject({ value: { data: { orderChanged: { id, status: 'PAID' } } } });
    await events.return?.();
    await until('nobody listens any more', () => orders.changes.subscribers === 0);
  });

  it('sends an order as it is by now when the change has no image of it any more', async () => {
    await orders[Symbol.asyncDispose]();
    orders = await startTestOrders(withoutImages(await open(ORDERS_COLLECTIONS)), () => new Date(now));
    orders.catalog.prices = new Map([['books-0001', { amountMinor: 1999, currency: 'EUR' }]]);
    const id = await place('key-1');
    const events = orders.subscribe(ORDER_CHANGED, { variables: { id }, params: ada });
    const reserved = (async () => {
      for await (const { data } of events) {
        // Placing it may be told first.
        const { orderChanged } = data as { orderChanged: { id: string; status: OrderStatus } };
        if (orderChanged.status === 'STOCK_RESERVED') return orderChanged.id;
      }
      return undefined;
    })();
    await until('somebody listens', () => orders.changes.subscribers === 1);
    await advance(id, 'STOCK_RESERVED');
    expect(await reserved).toBe(id);
  });

  it.each([
    ['nobody', {}, 'UNAUTHENTICATED'],
    ['a forged identity', identityOf('ada', 'another secret'), 'UNAUTHENTICATED'],
    ['another customer', grace, 'BAD_USER_INPUT'],
  ])('refuses the subscription of %s', async (_, params, code) => {
    const id = await place('key-1');
    const events = orders.subscribe(ORDER_CHANGED, { variables: { id }, params });
    const { value } = await events.next();
    expect(value.errors[0].extensions.code).toBe(code);
    expect(orders.changes.subscribers).toBe(0);
  });

  it('feeds gateways the order and its customer at each change', async () => {
    const events = orders.subscribe('subscription { invalidations { tags } }', {
      params: { authorization: `Bearer ${ORDERS_FEED_TOKEN}` },
      path: '/invalidations',
    });
    const seen: string[][] = [];
    const reading = (async () => {
      for await (const { data } of events) {
        const { tags } = (data as { invalidations: { tags: string[] } }).invalidations;
        if (tags.length > 0) seen.push(tags);
        if (seen.length === 2) return;
      }
    })();
    await until('the feed is read', () => orders.changes.subscribers === 1);
    const id = await place('key-1');
    await orders.ask(CANCEL, { id }, ada);
    await reading;
    const tags = [`Order:id=${id}`, 'Customer:id=ada'];
    expect(seen).toEqual([tags, tags]);
  });
});
