import { expectExactSums } from '../../support/orders/expectExactSums.js';
import { openOrderStage } from '../../support/orders/orderStage.js';
import { BOUNDARIES, type Boundary } from '../../support/orders/workerProgram.js';
import { describeReal } from '../../support/realParts.js';
import { until } from '../../support/until.js';

/** Thousands with `HEADGATE_CRASH_ORDERS=5000`; fewer where others wait for the machine. */
const ORDERS = Number(process.env['HEADGATE_CRASH_ORDERS'] ?? 120);
const PATIENCE_MS = 120_000 + ORDERS * 200;

const TOKENS = [undefined, undefined, undefined, 'timeout', 'declined', undefined, 'late', undefined];
/** Of two there is always enough: whoever has to die of a confirmed order, dies of it however long it takes. */
const PLENTY = 1_000_000;
/** The third runs out, so that there are orders to be rejected. */
const LEVELS = { 'books-0001': PLENTY, 'toys-0001': PLENTY, 'music-0001': Math.ceil(ORDERS / 10) };
const PRODUCTS = Object.keys(LEVELS);

describeReal(['mongodb', 'redis'], 'orders through crashes', () => {
  it(
    'have exact sums after kills at every step, a Redis that lost all, and everything delivered twice',
    async () => {
      await using stage = await openOrderStage(LEVELS);
      const ids: string[] = [];
      async function placeSome(howMany: number): Promise<void> {
        for (let n = 0; n < howMany; n++) {
          const index = ids.length;
          const customer = `customer-${index % 17}`;
          const items = Object.fromEntries(
            PRODUCTS.slice(0, 1 + (index % 3)).map((id, line) => [id, 1 + ((index + line) % 2)]),
          );
          const id = await stage.place(customer, items, TOKENS[index % TOKENS.length]);
          ids.push(id);
          // While the workers are at it.
          if (index % 11 === 0) await stage.cancel(customer, id);
          if (index % 7 === 0 && ids[index - 3])
            await stage.cancel(`customer-${(index - 3) % 17}`, ids[index - 3] as string);
        }
      }

      // Two workers at any time: where one has died, the next takes its place, to die somewhere else.
      const places: Boundary[] = [...BOUNDARIES];
      const died: Boundary[] = [];
      async function dieOneByOne(): Promise<void> {
        for (let at = places.shift(); at !== undefined; at = places.shift()) {
          const worker = await stage.startWorker(at, 2);
          await worker.exited;
          died.push(at);
        }
      }
      let placing = true;
      const feeding = (async () => {
        const each = Math.ceil(ORDERS / BOUNDARIES.length);
        for (let batch = 0; batch < BOUNDARIES.length && ids.length < ORDERS; batch++) {
          await until('a worker has died', () => died.length >= batch - 2, PATIENCE_MS);
          await placeSome(Math.min(each, ORDERS - ids.length));
          if (batch === 5) await stage.loseRedis();
        }
        // Whoever has not died yet still needs orders to die on.
        while (placing) {
          await placeSome(1);
          await new Promise((resolve) => setTimeout(resolve, 50));
        }
      })();
      const dying = Promise.all([dieOneByOne(), dieOneByOne()]).finally(() => {
        placing = false;
      });
      await Promise.all([dying, feeding]);
      expect(died.toSorted()).toEqual([...BOUNDARIES].sort());

      await Promise.all([stage.startWorker(), stage.startWorker()]);
      await stage.settled(PATIENCE_MS);
      const first = await expectExactSums(stage, LEVELS);
      expect(first.confirmed).toBeGreaterThan(0);
      expect(first.rejected).toBeGreaterThan(0);
      expect(first.cancelled).toBeGreaterThan(0);

      // Everything once more, twice.
      const mails = stage.mails.length;
      for (const orderId of ids) {
        for (const time of ['once more', 'and again'])
          await stage.queue.add({ id: `${orderId}/${time}`, orderId });
      }
      await until(
        'the queue is empty',
        async () => {
          const { waiting, active, delayed } = await stage.queue.stats();
          return waiting + active + delayed === 0;
        },
        PATIENCE_MS,
      );
      expect(await expectExactSums(stage, LEVELS)).toEqual(first);
      expect(stage.mails.length).toBe(mails);
      expect(await stage.queue.deadLetters(10)).toEqual([]);
    },
    PATIENCE_MS * 3,
  );
});
