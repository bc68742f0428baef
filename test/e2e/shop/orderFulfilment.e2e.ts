import { mkdtemp, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Database } from '../../../platform/database/database.js';
import { silentLogger } from '../../../platform/logger.js';
import { ORDERS } from '../../../subgraphs/orders/collections.js';
import { type OrderWorker, startOrderWorker } from '../../../subgraphs/orders/orderWorker.js';
import { describeShop } from '../../support/describeShop.js';
import { CUSTOMER_HEADER, type Shop } from '../../support/startShop.js';
import { SHOP_SECRETS } from '../../support/startShopSubgraphs.js';
import { until } from '../../support/until.js';

const PLACE = 'mutation ($input: PlaceOrderInput!) { placeOrder(input: $input) { id status } }';
const ORDER = `query ($id: ID!) { order(id: $id) {
  status timeline { status } steps { name } rejection { code message }
} }`;
const CANCEL = 'mutation ($id: ID!) { cancelOrder(id: $id) { status } }';
/** This shop's gateway follows no feed. */
const UNCACHED = { 'cache-control': 'no-cache' };
const PRODUCT = 'books-0003';
/** Of which the sample has 16. */
const SCARCE = 'books-0001';

let database: Database;

describeShop(
  'orders, with workers',
  (shop) => {
    let worker: OrderWorker | undefined;
    let mailFolder: string;
    let keys = 0;

    async function work(sandboxLateMs = 50): Promise<void> {
      mailFolder = await mkdtemp(path.join(tmpdir(), 'headgate-test-'));
      worker = await startOrderWorker(database, {
        inventoryUrl: shop().urls.inventory,
        workerToken: SHOP_SECRETS.workerToken,
        queue: {},
        sandboxLateMs,
        retry: { attempts: 5, backoffMs: 10, maxBackoffMs: 100 },
        mail: { folder: mailFolder, domain: 'shop.test' },
        clock: () => shop().openedAt,
        logger: silentLogger(),
      });
    }
    afterEach(async () => {
      await worker?.close();
      worker = undefined;
    });

    async function place(quantity: number, paymentToken?: string, productId = PRODUCT): Promise<string> {
      keys += 1;
      const input = { idempotencyKey: `w-${keys}`, items: [{ productId, quantity }], paymentToken };
      const { data, errors } = await shop().askAs('ada', PLACE, { input });
      expect(errors).toBeUndefined();
      expect(data.placeOrder.status).toBe('PLACED');
      return data.placeOrder.id;
    }
    async function reach(id: string, status: string) {
      let order:
        | { status: string; timeline: unknown; steps: { name: string }[]; rejection: unknown }
        | undefined;
      await until(`the order is ${status}`, async () => {
        order = (await shop().askAs('ada', ORDER, { id }, UNCACHED)).data.order;
        return order?.status === status;
      });
      return order;
    }
    async function stock(): Promise<{ onHand: number; available: number; reserved: number }> {
      const query = `{ stock(productId: "${PRODUCT}") { onHand available reserved } }`;
      return (await shop().ask(query)).data.stock;
    }

    it('tell their owner of each state, through the gateway', async () => {
      const id = await place(1);
      const seen: string[] = [];
      const watching = watch(shop(), id, seen);
      // A subscription begins now, and nothing tells when: so the order is touched until that is seen.
      const orders = database.collection<{ _id: string }>(ORDERS);
      const touch = { customerBucket: id.slice(0, 3), _id: id };
      await until('the subscription has begun', async () => {
        await orders.updateOne(touch, { $inc: { version: 1 } });
        return seen.length > 0;
      });
      await work();
      await until('all states were told', () => seen.includes('CONFIRMED'));
      watching.abort();
      expect([...new Set(seen)]).toEqual(['PLACED', 'STOCK_RESERVED', 'PAID', 'CONFIRMED']);
      const mail = `order.${id}.confirmed@shop.test.eml`;
      await until('the mail is there', async () => (await readdir(mailFolder)).includes(mail));
    });

    it('leave the stock with what was sold, and give back the rest', async () => {
      const before = await stock();
      await work();
      const [sold, declined, retried] = await Promise.all([
        place(2),
        place(1, 'declined'),
        place(1, 'timeout'),
      ]);
      expect(await reach(sold, 'CONFIRMED')).toMatchObject({ rejection: null });
      expect(await reach(declined, 'REJECTED')).toMatchObject({
        rejection: { code: 'PAYMENT_DECLINED', message: expect.stringContaining('declined') },
      });
      await reach(retried, 'CONFIRMED');
      await until('nothing is reserved any more', async () => (await stock()).reserved === 0);
      const left = before.onHand - 3;
      expect(await stock()).toEqual({ onHand: left, available: left, reserved: 0 });
    });

    it('end rejected, with a reason, when there is not enough', async () => {
      await work();
      const id = await place(99, undefined, SCARCE);
      expect(await reach(id, 'REJECTED')).toMatchObject({
        rejection: { code: 'OUT_OF_STOCK' },
        timeline: [{ status: 'PLACED' }, { status: 'REJECTED' }],
        steps: [],
      });
    });

    it('wait for a payment that comes late', async () => {
      await work();
      await reach(await place(1, 'late'), 'CONFIRMED');
    });

    it('give everything back when their customer does not wait', async () => {
      const before = await stock();
      await work(60_000);
      const id = await place(1, 'late');
      await reach(id, 'STOCK_RESERVED');
      expect((await stock()).reserved).toBe(1);
      const { data } = await shop().askAs('ada', CANCEL, { id });
      expect(data.cancelOrder.status).toBe('CANCELLED');
      await until('it is given back', async () => (await stock()).reserved === 0);
      expect(await stock()).toEqual(before);
    });
  },
  {
    database: (subgraph) =>
      subgraph === 'orders'
        ? {
            wrap: (opened) => {
              database = opened;
              return opened;
            },
          }
        : {},
  },
);

/** As a browser would: server-sent events, with the header that says who asks. */
function watch({ url }: Shop, id: string, seen: string[]): AbortController {
  const ending = new AbortController();
  const read = async () => {
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      signal: ending.signal,
      headers: { 'content-type': 'application/json', accept: 'text/event-stream', [CUSTOMER_HEADER]: 'ada' },
      body: JSON.stringify({
        query: 'subscription ($id: ID!) { orderChanged(id: $id) { status } }',
        variables: { id },
      }),
    });
    let text = '';
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
      text += Buffer.from(chunk).toString();
      const events = [...text.matchAll(/"orderChanged":\{"status":"(\w+)"\}/g)].map(
        ([, status]) => status as string,
      );
      seen.splice(0, seen.length, ...events);
    }
  };
  read().catch(() => undefined);
  return ending;
}
