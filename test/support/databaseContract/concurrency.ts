import { DuplicateKeyError } from '../../../platform/database/errors.js';
import type { DatabaseUnderTest } from '../databaseContract.js';
import { item, shopForEachTest } from './shop.js';

const times = <R>(count: number, run: (index: number) => Promise<R>) =>
  Promise.all(Array.from({ length: count }, (_, index) => run(index)));

export function concurrencyContract(underTest: DatabaseUnderTest): void {
  describe('concurrency', () => {
    const shop = shopForEachTest(underTest);

    it('lets exactly one of many conditional updates win', async () => {
      await shop.items.insertOne(item('a', { units: 0 }));
      const results = await times(50, (index) =>
        shop.items.updateOne({ _id: 'a', units: 0 }, { $set: { units: index + 1 } }),
      );
      const winners = results.flatMap(({ matched }, index) => (matched === 1 ? [index + 1] : []));
      expect(winners).toHaveLength(1);
      expect(await shop.items.findOne({ _id: 'a' })).toMatchObject({ units: winners[0] });
    });

    it('gives out 100 units to 200 takers as exactly 100 successes and 100 misses', async () => {
      await shop.items.insertOne(item('a', { units: 100 }));
      const results = await times(200, () =>
        shop.items.findOneAndUpdate({ _id: 'a', units: { $gte: 1 } }, { $inc: { units: -1 } }),
      );
      expect(results.filter((result) => result === null)).toHaveLength(100);
      const left = results.flatMap((result) => result?.units ?? []).sort((a, b) => a - b);
      expect(left).toEqual(Array.from({ length: 100 }, (_, index) => index));
      expect(await shop.items.findOne({ _id: 'a' })).toMatchObject({ units: 0 });
    });

    it('lets one of many inserts of the same _id, and of the same unique key, succeed', async () => {
      const outcomes = await Promise.allSettled([
        ...Array.from({ length: 20 }, () => shop.items.insertOne(item('a'))),
        ...Array.from({ length: 20 }, (_, index) => shop.items.insertOne(item(`s${index}`, { sku: 'same' }))),
      ]);
      const failures = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
      expect(failures).toHaveLength(38);
      for (const failure of failures) expect(failure).toBeInstanceOf(DuplicateKeyError);
      expect(await shop.items.count({})).toBe(2);
    });

    it('deletes for exactly one of many', async () => {
      await shop.items.insertOne(item('a'));
      const results = await times(20, () => shop.items.findOneAndDelete({ _id: 'a' }));
      expect(results.filter((result) => result !== null)).toHaveLength(1);
    });
  });
}
