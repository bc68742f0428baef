import { item, itemsDefinition } from '../../../test/support/databaseContract/shop.js';
import { ManualTimers } from '../../../test/support/manualTimers.js';
import { createEmbeddedDatabase } from './embeddedDatabase.js';

describe('TTL indexes of the embedded database', () => {
  const definition = {
    ...itemsDefinition,
    indexes: [{ name: 'due', key: { dueAt: 1 as const }, expireAfterSeconds: 60, reason: 'forget' }],
  };

  it('remove what has expired, leave the rest, and stop with the database', async () => {
    const timers = new ManualTimers();
    const database = createEmbeddedDatabase({ name: 'test', expiryIntervalMs: 10_000, timers });
    const items = database.collection(definition);
    await items.insertMissing([
      item('now', { dueAt: new Date(timers.now()) }),
      item('later', { dueAt: new Date(timers.now() + 30_000) }),
      item('never'),
    ]);
    await timers.advance(59_000);
    expect(await items.count({})).toBe(3);
    await timers.advance(1_000);
    expect((await items.find({}, { sort: { _id: 1 } })).map(({ _id }) => _id)).toEqual(['later', 'never']);
    await timers.advance(60_000);
    expect(await items.count({})).toBe(1);
    await database.close();
    expect(timers.pending).toBe(0);
  });
});
