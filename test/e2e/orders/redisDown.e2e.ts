import { expectExactSums } from '../../support/orders/expectExactSums.js';
import { openOrderStage } from '../../support/orders/orderStage.js';
import { describeReal } from '../../support/realParts.js';

describeReal(['mongodb', 'redis'], 'the queue’s Redis is down', () => {
  it('while orders come in: they are accepted, and fulfilled when it is back', async () => {
    const levels = { 'books-0001': 30 };
    await using stage = await openOrderStage(levels);
    await stage.startWorker();
    await stage.place('ada', { 'books-0001': 1 });
    await stage.settled(60_000);

    await stage.stopRedis();
    for (let n = 0; n < 20; n++) await stage.place('grace', { 'books-0001': 1 });
    const meanwhile = (await stage.orders()).filter(({ customerId }) => customerId === 'grace');
    expect(meanwhile.map(({ status }) => status)).toEqual(Array(20).fill('PLACED'));

    await stage.startRedisAgain();
    await stage.settled(60_000);
    expect(await expectExactSums(stage, levels)).toEqual({ confirmed: 21, rejected: 0, cancelled: 0 });
  });
});
