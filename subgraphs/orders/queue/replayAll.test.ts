import { QUICK_RETRY } from '../../../test/support/jobQueueContract.js';
import { until } from '../../../test/support/until.js';
import { createInProcessQueue } from './inProcessQueue.js';
import { PermanentFailure } from './permanentFailure.js';
import { replayAll } from './replayAll.js';

/** More than two pages. */
const LETTERS = 1_234;

describe('replaying all dead letters', () => {
  async function givenUp() {
    const queue = createInProcessQueue({ retry: QUICK_RETRY });
    const tries = new Map<string, number>();
    const failing = await queue.consume(
      async ({ id }) => {
        tries.set(id, (tries.get(id) ?? 0) + 1);
        throw new PermanentFailure('no');
      },
      { concurrency: 100 },
    );
    const ids = Array.from({ length: LETTERS }, (_, index) => `job-${index}`);
    for (const id of ids) await queue.add({ id, orderId: id });
    const all = async () => (await queue.stats()).deadLetters === LETTERS;
    await until('all were given up', all);
    return { queue, failing, tries, ids, all };
  }

  it('leaves none behind, however many there are', async () => {
    const { queue, failing, ids } = await givenUp();
    await failing.close();
    const replayed: string[] = [];
    await replayAll(queue, (id) => replayed.push(id));
    expect(replayed).toEqual(ids);
    expect(await queue.stats()).toMatchObject({ waiting: LETTERS, deadLetters: 0 });
    await queue.close();
  });

  it('ends, with each replayed once, though all of them fail again at once', async () => {
    const { queue, tries, ids, all } = await givenUp();
    const replayed: string[] = [];
    await replayAll(queue, (id) => replayed.push(id));
    await until('all were given up again', all);
    expect(replayed.toSorted()).toEqual(ids.toSorted());
    expect(new Set(tries.values())).toEqual(new Set([2]));
    await queue.close();
  });

  it('tells only those that it has replayed itself', async () => {
    const { queue, failing } = await givenUp();
    await failing.close();
    const here: string[] = [];
    const there: string[] = [];
    await Promise.all([replayAll(queue, (id) => here.push(id)), replayAll(queue, (id) => there.push(id))]);
    expect(new Set([...here, ...there]).size).toBe(LETTERS);
    expect(here.length + there.length).toBe(LETTERS);
    await queue.close();
  });
});
