import { DuplicateKeyError, IndexConflictError } from '../../../platform/database/errors.js';
import type { DatabaseUnderTest } from '../databaseContract.js';
import { item, itemsDefinition, shopForEachTest } from './shop.js';

export function indexContract(underTest: DatabaseUnderTest): void {
  describe('indexes', () => {
    const shop = shopForEachTest(underTest);

    it('are made once, however often and however many ask', async () => {
      await shop.items.insertOne(item('a', { sku: 'S1' }));
      await shop.database.ensure([itemsDefinition]);
      const others = Array.from({ length: 4 }, (_, index) => ({
        ...itemsDefinition,
        name: `others${index % 2}`,
      }));
      await Promise.all(others.map((definition) => shop.database.ensure([definition])));
      expect(await shop.items.findOne({ _id: 'a' })).toMatchObject({ sku: 'S1' });
    });

    it('keep a unique key for inserts and for updates', async () => {
      await shop.items.insertMissing([item('a', { sku: 'S1' }), item('b', { sku: 'S2' })]);
      const insert = await shop.items.insertOne(item('c', { sku: 'S1' })).catch((error) => error);
      expect(insert).toBeInstanceOf(DuplicateKeyError);
      expect(insert).toMatchObject({ collection: 'items', index: 'sku' });
      const update = shop.items.updateOne({ _id: 'b' }, { $set: { sku: 'S1' } });
      await expect(update).rejects.toBeInstanceOf(DuplicateKeyError);
      const upsert = shop.items.updateOne({ _id: 'd' }, { $set: { sku: 'S1' } }, { upsert: true });
      await expect(upsert).rejects.toBeInstanceOf(DuplicateKeyError);
      expect(await shop.items.findOne({ _id: 'b' })).toMatchObject({ sku: 'S2' });
      expect(await shop.items.count({})).toBe(2);
    });

    it('free a unique key when its document goes or changes', async () => {
      await shop.items.insertMissing([item('a', { sku: 'S1' }), item('b', { sku: 'S2' })]);
      await shop.items.findOneAndDelete({ _id: 'a' });
      await shop.items.updateOne({ _id: 'b' }, { $set: { sku: 'S3' } });
      expect(await shop.items.insertMissing([item('c', { sku: 'S1' }), item('d', { sku: 'S2' })])).toBe(2);
    });

    it('hold a partial unique key only where the partial filter matches', async () => {
      await shop.items.insertMissing([item('a', { state: 'open' }), item('b', { state: 'done' }), item('c')]);
      await expect(shop.items.insertOne(item('d', { state: 'open' }))).rejects.toBeInstanceOf(
        DuplicateKeyError,
      );
      await shop.items.insertOne(item('e', { state: 'open', category: 'toys' }));
      await shop.items.updateOne({ _id: 'a' }, { $set: { state: 'done' } });
      await shop.items.updateOne({ _id: 'b' }, { $set: { state: 'open' } });
      expect(await shop.items.count({ state: 'open' })).toBe(2);
    });

    it('refuse a changed definition under the same name, and say which', async () => {
      const [first, ...rest] = itemsDefinition.indexes;
      const changed = { ...itemsDefinition, indexes: [{ ...first, key: { _id: 1, category: 1 } }, ...rest] };
      const error = await shop.database.ensure([changed as typeof itemsDefinition]).catch((reason) => reason);
      expect(error).toBeInstanceOf(IndexConflictError);
      expect(error.message).toContain('category_id');
      expect(error.message).toContain('items');
    });

    it('answer the same after updates moved documents within them', async () => {
      const count = 150;
      await shop.items.insertMissing(
        Array.from({ length: count }, (_, index) =>
          item(`i${index}`, { category: index % 2 ? 'odd' : 'even', tokens: [`t${index % 5}`, 'all'] }),
        ),
      );
      for (let index = 0; index < count; index += 10) {
        await shop.items.updateOne(
          { _id: `i${index}` },
          { $set: { category: 'moved', tokens: ['new'], 'price.amount': index } },
        );
      }
      expect(await shop.items.count({ category: 'even' })).toBe(60);
      expect(await shop.items.count({ tokens: 'new' })).toBe(15);
      expect(await shop.items.count({ tokens: { $all: ['all', 't0'] } })).toBe(15);
      const moved = await shop.items.find({ category: 'moved' }, { sort: { 'price.amount': -1 }, limit: 2 });
      expect(moved.map(({ _id }) => _id)).toEqual(['i140', 'i130']);
    });
  });
}
