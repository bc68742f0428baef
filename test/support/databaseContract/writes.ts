import type { CausalContext, Update } from '../../../platform/database/database.js';
import { DuplicateKeyError } from '../../../platform/database/errors.js';
import { formatOperationTime, parseOperationTime } from '../../../platform/database/operationTime.js';
import type { DatabaseUnderTest } from '../databaseContract.js';
import { type Item, item, shopForEachTest } from './shop.js';

export function writeContract(underTest: DatabaseUnderTest): void {
  describe('writes', () => {
    const shop = shopForEachTest(underTest);

    it('refuses a second document with the same _id and keeps the first', async () => {
      await shop.items.insertOne(item('a', { units: 1 }));
      const error = await shop.items.insertOne(item('a', { units: 2 })).catch((reason) => reason);
      expect(error).toBeInstanceOf(DuplicateKeyError);
      expect(error).toMatchObject({ collection: 'items', index: '_id_' });
      expect(await shop.items.findOne({ _id: 'a' })).toMatchObject({ units: 1 });
    });

    it('inserts what is missing and says how many that were', async () => {
      await shop.items.insertOne(item('b', { sku: 'S1', units: 7 }));
      const added = await shop.items.insertMissing([
        item('a'),
        item('b'),
        item('c', { sku: 'S1' }),
        item('d', { sku: 'S2' }),
      ]);
      expect(added).toBe(2);
      expect(await shop.items.find({}, { sort: { _id: 1 }, projection: { units: 1 } })).toEqual([
        { _id: 'a', units: 1 },
        { _id: 'b', units: 7 },
        { _id: 'd', units: 1 },
      ]);
      expect(await shop.items.insertMissing([])).toBe(0);
    });

    it('tells what an update matched and what it modified', async () => {
      await shop.items.insertOne(item('a', { units: 5 }));
      const update = (units: number, change: Update) => shop.items.updateOne({ _id: 'a', units }, change);
      expect(await update(5, { $set: { units: 6 } })).toEqual({ matched: 1, modified: 1 });
      expect(await update(6, { $set: { units: 6 } })).toEqual({ matched: 1, modified: 0 });
      expect(await update(5, { $set: { units: 9 } })).toEqual({ matched: 0, modified: 0 });
      expect(await shop.items.findOne({ _id: 'a' })).toMatchObject({ units: 6 });
    });

    const line = (product: string, quantity: number) => ({ product, quantity });
    const updates: [name: string, update: Update, expected: Partial<Item>][] = [
      ['$set on a nested path', { $set: { 'price.amount': 7 } }, { price: { amount: 7, currency: 'EUR' } }],
      ['$inc downwards', { $inc: { units: -3 } }, { units: 7 }],
      ['$push', { $push: { lines: line('y', 2) } }, { lines: [line('x', 1), line('y', 2)] }],
      ['$push with $each', { $push: { tokens: { $each: ['u', 'v'] } } }, { tokens: ['t', 'u', 'v'] }],
      ['$pull by a condition', { $pull: { lines: { product: 'x' } } }, { lines: [] }],
      ['$pull of a value', { $pull: { tokens: 't' } }, { tokens: [] }],
      ['$min', { $min: { units: 4 } }, { units: 4 }],
      ['$max', { $max: { units: 4 } }, { units: 10 }],
      ['several at once', { $set: { state: 'done' }, $inc: { units: 1 } }, { state: 'done', units: 11 }],
    ];
    it.each(updates)('understands %s', async (_name, update, expected) => {
      await shop.items.insertOne(item('a', { units: 10, tokens: ['t'], lines: [line('x', 1)] }));
      expect(await shop.items.findOneAndUpdate({ _id: 'a' }, update)).toMatchObject(expected);
      expect(await shop.items.findOne({ _id: 'a' })).toMatchObject(expected);
    });

    it('understands $unset', async () => {
      await shop.items.insertOne(item('a', { state: 'done' }));
      await shop.items.updateOne({ _id: 'a' }, { $unset: { state: '' } });
      expect(await shop.items.findOne({ _id: 'a' })).toEqual(item('a'));
    });

    it('sets a field of the array element that the filter matched', async () => {
      await shop.items.insertOne(item('a', { lines: [line('x', 1), line('y', 2)] }));
      await shop.items.updateOne({ _id: 'a', 'lines.product': 'y' }, { $set: { 'lines.$.quantity': 5 } });
      expect((await shop.items.findOne({ _id: 'a' }))?.lines).toEqual([line('x', 1), line('y', 5)]);
    });

    it('returns the document before or after a conditional update, or null', async () => {
      await shop.items.insertOne(item('a', { units: 1 }));
      const change = { $inc: { units: 1 } };
      expect(await shop.items.findOneAndUpdate({ _id: 'a' }, change)).toMatchObject({ units: 2 });
      const before = await shop.items.findOneAndUpdate({ _id: 'a' }, change, { returnDocument: 'before' });
      expect(before).toMatchObject({ units: 2 });
      expect(await shop.items.findOneAndUpdate({ _id: 'a', units: 99 }, change)).toBeNull();
      expect(await shop.items.findOne({ _id: 'a' })).toMatchObject({ units: 3 });
    });

    it('deletes one and returns it, or null', async () => {
      await shop.items.insertOne(item('a'));
      expect(await shop.items.findOneAndDelete({ _id: 'a', units: 99 })).toBeNull();
      expect(await shop.items.findOneAndDelete({ _id: 'a' })).toEqual(item('a'));
      expect(await shop.items.findOneAndDelete({ _id: 'a' })).toBeNull();
      expect(await shop.items.count({})).toBe(0);
    });

    it('upserts: inserts the filter, the update and $setOnInsert, then only updates', async () => {
      const { _id, units: _units, ...onInsert } = item('a');
      const upsert = () =>
        shop.items.findOneAndUpdate(
          { _id },
          { $inc: { units: 2 }, $setOnInsert: onInsert },
          { upsert: true },
        );
      expect(await upsert()).toEqual(item('a', { units: 2 }));
      expect(await upsert()).toEqual(item('a', { units: 4 }));
      const result = await shop.items.updateOne(
        { _id: 'b', category: 'toys' },
        { $set: { units: 1 } },
        { upsert: true },
      );
      expect(result).toEqual({ matched: 0, modified: 0 });
      expect(await shop.items.findOne({ _id: 'b' })).toEqual({ _id: 'b', category: 'toys', units: 1 });
    });

    it('refuses an upsert that would not know its _id', async () => {
      const upsert = shop.items.updateOne({ category: 'toys' }, { $set: { units: 1 } }, { upsert: true });
      await expect(upsert).rejects.toThrow(TypeError);
      expect(await shop.items.count({})).toBe(0);
    });

    it('moves the causal context forward with every write', async () => {
      const causal: CausalContext = {};
      const times: string[] = [];
      const note = () => times.push(causal.last as string);
      await shop.items.insertOne(item('a'), { causal });
      note();
      await shop.items.updateOne({ _id: 'a' }, { $inc: { units: 1 } }, { causal });
      note();
      await shop.items.findOneAndUpdate({ _id: 'a' }, { $inc: { units: 1 } }, { causal });
      note();
      await shop.items.insertMissing([item('b')], { causal });
      note();
      await shop.items.findOneAndDelete({ _id: 'a' }, { causal });
      note();
      expect(times).toEqual([...new Set(times)].sort());
      expect(times).toHaveLength(5);
      expect(new Set(times.map((time) => parseOperationTime(time)?.cluster)).size).toBe(1);
    });

    it('reads what was written up to a time, and ignores a time of another cluster or of the future', async () => {
      const write: CausalContext = {};
      await shop.items.insertOne(item('a'), { causal: write });
      const cluster = parseOperationTime(write.last as string)?.cluster as string;
      const contexts: CausalContext[] = [
        { after: write.last },
        { after: formatOperationTime('another', 2n ** 63n) },
        { after: formatOperationTime(cluster, 2n ** 63n) },
        { after: 'nonsense' as never },
      ];
      for (const causal of contexts) {
        expect(await shop.items.findOne({ _id: 'a' }, { causal })).toEqual(item('a'));
        expect(await shop.items.find({ category: 'books' }, { causal, limit: 5 })).toHaveLength(1);
        expect(await shop.items.count({}, { causal })).toBe(1);
        // And what one reader demands is not demanded of the next.
        expect(await shop.items.findOne({ _id: 'a' })).toEqual(item('a'));
      }
    });
  });
}
