import type { Filter } from '../../../platform/database/database.js';
import type { DatabaseUnderTest } from '../databaseContract.js';
import { type Item, item, shopForEachTest } from './shop.js';

const ids = (items: readonly Item[]) => items.map(({ _id }) => _id);

export function readContract(underTest: DatabaseUnderTest): void {
  describe('reads', () => {
    const shop = shopForEachTest(underTest);

    it('gives back what was inserted, dates and nesting included', async () => {
      const document = item('a', {
        dueAt: new Date(1_700_000_000_123),
        lines: [{ product: 'x', quantity: 2 }],
        tokens: ['one', 'two'],
      });
      await shop.items.insertOne(document);
      expect(await shop.items.findOne({ _id: 'a' })).toEqual(document);
    });

    it('answers null, an empty list and zero when nothing matches', async () => {
      expect(await shop.items.findOne({ _id: 'nobody' })).toBeNull();
      expect(await shop.items.find({ category: 'none' })).toEqual([]);
      expect(await shop.items.count({ category: 'none' })).toBe(0);
    });

    it('hands out copies', async () => {
      const document = item('a', { tokens: ['one'] });
      await shop.items.insertOne(document);
      (document.tokens as string[]).push('after the insert');
      const found = (await shop.items.findOne({ _id: 'a' })) as Item;
      (found.tokens as string[]).push('after the read');
      (found.price as { amount: number }).amount = 0;
      expect(await shop.items.findOne({ _id: 'a' })).toEqual(item('a', { tokens: ['one'] }));
    });

    it('leaves out properties that are undefined', async () => {
      await shop.items.insertOne({ ...item('a'), sku: undefined } as unknown as Item);
      expect(Object.keys((await shop.items.findOne({ _id: 'a' })) as Item)).not.toContain('sku');
      expect(await shop.items.count({ sku: { $exists: false } })).toBe(1);
    });

    it('refuses an undefined value in a filter rather than matching everything', async () => {
      await shop.items.insertOne(item('a'));
      await expect(shop.items.find({ category: undefined })).rejects.toThrow(TypeError);
      await expect(shop.items.findOneAndDelete({ _id: { $in: [undefined] } })).rejects.toThrow('_id.$in.0');
      expect(await shop.items.count({})).toBe(1);
    });

    it('finds by many ids at once', async () => {
      await shop.items.insertMissing(['a', 'b', 'c', 'd'].map((id) => item(id)));
      const found = await shop.items.find({ _id: { $in: ['d', 'b', 'nobody', 'b'] } });
      expect(ids(found).sort()).toEqual(['b', 'd']);
    });

    it('sorts by nested fields in both directions, limits and counts', async () => {
      const amounts = [300, 100, 200, 100, 500];
      await shop.items.insertMissing(
        amounts.map((amount, index) => item(`i${index}`, { price: { amount, currency: 'EUR' } })),
      );
      const cheapest = await shop.items.find(
        { category: 'books' },
        { sort: { 'price.amount': 1, _id: 1 }, limit: 3 },
      );
      expect(ids(cheapest)).toEqual(['i1', 'i3', 'i2']);
      const dearest = await shop.items.find({}, { sort: { 'price.amount': -1, _id: -1 }, limit: 2 });
      expect(ids(dearest)).toEqual(['i4', 'i0']);
      const mixed = await shop.items.find({}, { sort: { 'price.amount': -1, _id: 1 } });
      expect(ids(mixed)).toEqual(['i4', 'i0', 'i2', 'i1', 'i3']);
      expect(await shop.items.count({ 'price.amount': { $gte: 200 } })).toBe(3);
      expect(await shop.items.count({ category: 'books' }, { limit: 2 })).toBe(2);
      expect((await shop.items.findOne({}, { sort: { 'price.amount': -1 } }))?._id).toBe('i4');
    });

    it('projects fields in and out', async () => {
      await shop.items.insertOne(item('a', { tokens: ['t'] }));
      expect(await shop.items.findOne({ _id: 'a' }, { projection: { 'price.amount': 1 } })).toEqual({
        _id: 'a',
        price: { amount: 100 },
      });
      expect(await shop.items.findOne({ _id: 'a' }, { projection: { _id: 0, units: 1 } })).toEqual({
        units: 1,
      });
      expect(await shop.items.findOne({ _id: 'a' }, { projection: { tokens: 0, price: 0 } })).toEqual({
        _id: 'a',
        category: 'books',
        units: 1,
      });
    });

    it('pages by keyset while others insert, without a repetition or a gap', async () => {
      const numbered = (index: number, amount: number) =>
        item(`i${String(index).padStart(3, '0')}`, { price: { amount, currency: 'EUR' } });
      const initial = Array.from({ length: 40 }, (_, index) => numbered(index, (index * 7) % 10));
      await shop.items.insertMissing(initial);
      const seen: Item[] = [];
      let inserted = 100;
      for (;;) {
        const last = seen.at(-1);
        const beyond: Filter = last
          ? {
              $or: [
                { 'price.amount': { $gt: last.price.amount } },
                { 'price.amount': last.price.amount, _id: { $gt: last._id } },
              ],
            }
          : {};
        const page = await shop.items.find(
          { category: 'books', ...beyond },
          { sort: { 'price.amount': 1, _id: 1 }, limit: 7 },
        );
        seen.push(...page);
        if (page.length < 7) break;
        // Before, at and after the place where the reader stands.
        for (const amount of [0, page[0]?.price.amount ?? 0, 9]) {
          if (inserted < 120) await shop.items.insertOne(numbered(inserted++, amount));
        }
      }
      const seenIds = ids(seen);
      expect(new Set(seenIds).size).toBe(seenIds.length);
      for (const { _id } of initial) expect(seenIds).toContain(_id);
      const sorted = [...seen].sort((a, b) => a.price.amount - b.price.amount || (a._id < b._id ? -1 : 1));
      expect(seenIds).toEqual(ids(sorted));
    });

    it('searches an array of tokens, also in part and for all of several', async () => {
      await shop.items.insertMissing([
        item('a', { tokens: ['blue', 'bike', 'bell'] }),
        item('b', { tokens: ['blue', 'boat'] }),
        item('c', { tokens: ['bike', 'bike'] }),
      ]);
      const search = async (filter: Filter) => ids(await shop.items.find(filter, { sort: { _id: 1 } }));
      expect(await search({ tokens: 'bike' })).toEqual(['a', 'c']);
      expect(await search({ tokens: { $all: ['blue', 'bike'] } })).toEqual(['a']);
      expect(await search({ tokens: { $in: ['boat', 'bell', 'blue'] } })).toEqual(['a', 'b']);
      expect(await search({ tokens: { $gte: 'be', $lt: 'bf' } })).toEqual(
        ['a', 'b', 'c'].filter((id) => id === 'a'),
      );
    });

    const now = new Date(1_700_000_000_000);
    const operators: [name: string, filter: Filter, expected: string[]][] = [
      ['$gt and $lt', { units: { $gt: 1, $lt: 4 } }, ['b', 'c']],
      ['$gte and $lte', { units: { $gte: 2, $lte: 3 } }, ['b', 'c']],
      ['$gt on strings', { _id: { $gt: 'b' } }, ['c', 'd']],
      ['$lte on dates', { dueAt: { $lte: now } }, ['b']],
      ['$ne, a missing field included', { state: { $ne: 'done' } }, ['a', 'b', 'd']],
      ['$in on a field', { units: { $in: [1, 4] } }, ['a', 'd']],
      ['$or', { $or: [{ units: 1 }, { state: 'done' }] }, ['a', 'c']],
      ['$and', { $and: [{ units: { $gt: 1 } }, { category: 'books' }] }, ['b', 'd']],
      ['$exists', { dueAt: { $exists: true } }, ['b', 'd']],
      ['null for a missing field', { state: null }, ['a', 'd']],
      ['a path into an array', { 'lines.product': 'y' }, ['c']],
      ['$elemMatch', { lines: { $elemMatch: { product: 'x', quantity: { $gt: 1 } } } }, ['d']],
    ];
    it.each(operators)('understands %s', async (_name, filter, expected) => {
      await shop.items.insertMissing([
        item('a', { units: 1 }),
        item('b', { units: 2, state: 'open', dueAt: now }),
        item('c', {
          units: 3,
          state: 'done',
          category: 'toys',
          lines: [
            { product: 'x', quantity: 1 },
            { product: 'y', quantity: 9 },
          ],
        }),
        item('d', { units: 4, dueAt: new Date(now.getTime() + 1), lines: [{ product: 'x', quantity: 2 }] }),
      ]);
      expect(ids(await shop.items.find(filter)).sort()).toEqual(expected);
      expect(await shop.items.count(filter)).toBe(expected.length);
    });
  });
}
