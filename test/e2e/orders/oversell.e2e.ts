import { expectExactSums } from '../../support/orders/expectExactSums.js';
import { openOrderStage } from '../../support/orders/orderStage.js';
import { describeReal } from '../../support/realParts.js';
import { until } from '../../support/until.js';

/** 1,000 for 300 with `HEADGATE_OVERSELL_BUYERS=1000`; fewer where others wait for the machine. */
const BUYERS = Number(process.env['HEADGATE_OVERSELL_BUYERS'] ?? 200);
const UNITS = Math.floor(BUYERS * 0.3);
const PATIENCE_MS = 60_000 + BUYERS * 200;

describeReal(['mongodb', 'redis'], 'more buyers than units', () => {
  it(
    `${BUYERS} at once for ${UNITS}, with workers that are killed: every unit is sold, once`,
    async () => {
      const levels = { 'books-0001': UNITS };
      await using stage = await openOrderStage(levels);
      const workers = await Promise.all([stage.startWorker(), stage.startWorker()]);
      await Promise.all(
        Array.from({ length: BUYERS }, (_, buyer) => stage.place(`buyer-${buyer}`, { 'books-0001': 1 })),
      );
      // Each dies in the middle of many orders, and another one comes.
      for (const worker of workers) {
        const before = await finished();
        await until('some are through', async () => (await finished()) > before, PATIENCE_MS);
        worker.signal('SIGKILL');
        await worker.exited;
        await stage.startWorker();
      }
      await stage.settled(PATIENCE_MS);
      expect(await expectExactSums(stage, levels)).toEqual({
        confirmed: UNITS,
        rejected: BUYERS - UNITS,
        cancelled: 0,
      });
      expect(await stage.stock('books-0001')).toMatchObject({ onHand: 0, available: 0, held: [] });

      async function finished(): Promise<number> {
        return (await stage.orders()).filter(({ outbox }) => outbox.length === 0).length;
      }
    },
    PATIENCE_MS * 2,
  );
});
