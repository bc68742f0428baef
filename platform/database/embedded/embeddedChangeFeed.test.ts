import { takeChanges, takeHeartbeat } from '../../../test/support/collectChanges.js';
import { item, itemsDefinition } from '../../../test/support/databaseContract/shop.js';
import { ManualTimers } from '../../../test/support/manualTimers.js';
import { CursorLostError } from '../errors.js';
import { createEmbeddedDatabase } from './embeddedDatabase.js';

describe('a change feed of the embedded database', () => {
  const timers = new ManualTimers();
  const database = createEmbeddedDatabase({ name: 'test', changeLogCapacity: 10, timers });
  const items = database.collection(itemsDefinition);
  const watch = (after?: string) => database.watch({ collections: ['items'], heartbeatMs: 1_000, after });
  let next = 0;
  const insert = async (count: number) => {
    for (let index = 0; index < count; index++) await items.insertOne(item(`i${next++}`));
  };

  it('is lost when the log no longer reaches back to its cursor, and not one change earlier', async () => {
    const { cursor } = await takeHeartbeat(watch());
    await insert(10);
    expect(await takeChanges(watch(cursor), 10)).toHaveLength(10);
    await insert(1);
    await expect(watch(cursor).ready).rejects.toBeInstanceOf(CursorLostError);
  });

  it('is lost for a reader that fell behind the log while it was open', async () => {
    const feed = watch();
    await takeHeartbeat(feed);
    await insert(11);
    await expect(takeChanges(feed, 1)).rejects.toBeInstanceOf(CursorLostError);
  });

  it('knows no cursor of a database that ran before', async () => {
    const before = createEmbeddedDatabase({ name: 'test' });
    const { cursor } = await takeHeartbeat(before.watch({ collections: ['items'], heartbeatMs: 1_000 }));
    await expect(watch(cursor).ready).rejects.toBeInstanceOf(CursorLostError);
  });

  it('sends a heartbeat after each interval of silence, and not before', async () => {
    const feed = watch();
    await takeHeartbeat(feed);
    const iterator = feed[Symbol.asyncIterator]();
    let beats = 0;
    const beat = iterator.next().then(() => beats++);
    await timers.advance(999);
    expect(beats).toBe(0);
    await timers.advance(1);
    await beat;
    expect(beats).toBe(1);
    await feed.close();
    expect(timers.pending).toBe(0);
  });

  it('sends heartbeats though others write to what it does not watch', async () => {
    const others = database.collection({ ...itemsDefinition, name: 'others' });
    const feed = watch();
    await takeHeartbeat(feed);
    const beat = takeHeartbeat(feed);
    await timers.advance(600);
    await others.insertOne(item(`o${next++}`));
    await timers.advance(400);
    expect((await beat).kind).toBe('heartbeat');
    await feed.close();
  });
});
