import type { CausalContext, ChangeFeed, WatchOptions } from '../../../platform/database/database.js';
import { CursorLostError } from '../../../platform/database/errors.js';
import { takeChanges, takeHeartbeat, takeUntil } from '../collectChanges.js';
import type { DatabaseUnderTest } from '../databaseContract.js';
import { item, itemsDefinition, shopForEachTest } from './shop.js';

const OTHERS = { ...itemsDefinition, name: 'others' };

export function changeContract(underTest: DatabaseUnderTest): void {
  describe('changes', () => {
    const shop = shopForEachTest(underTest);
    const feeds: ChangeFeed[] = [];

    function watch(options: Partial<WatchOptions> = {}): ChangeFeed {
      const feed = shop.database.watch({ collections: ['items'], heartbeatMs: 5_000, ...options });
      feeds.push(feed);
      return feed;
    }

    afterEach(async () => {
      await Promise.all(feeds.splice(0).map((feed) => feed.close()));
    });

    it('carry the document before and after, in order, with the time of the write', async () => {
      const feed = watch();
      await feed.ready;
      const causal: CausalContext = {};
      await shop.items.insertOne(item('a', { units: 1 }), { causal });
      const insertedAt = causal.last;
      await shop.items.updateOne({ _id: 'a' }, { $inc: { units: 1 } });
      await shop.items.updateOne({ _id: 'a' }, { $inc: { units: 0 } });
      await shop.items.findOneAndDelete({ _id: 'a' }, { causal });
      const changes = await takeChanges(feed, 3);
      expect(changes).toMatchObject([
        {
          collection: 'items',
          operation: 'insert',
          id: 'a',
          before: undefined,
          after: item('a', { units: 1 }),
        },
        {
          collection: 'items',
          operation: 'update',
          id: 'a',
          before: item('a', { units: 1 }),
          after: item('a', { units: 2 }),
        },
        {
          collection: 'items',
          operation: 'delete',
          id: 'a',
          before: item('a', { units: 2 }),
          after: undefined,
        },
      ]);
      const operationTimes = changes.map(({ operationTime }) => operationTime);
      expect(operationTimes).toEqual([...operationTimes].sort());
      expect(operationTimes[0]).toBe(insertedAt);
      expect(operationTimes[2]).toBe(causal.last);
    });

    it('begin with a heartbeat, and its cursor resumes from there', async () => {
      await shop.items.insertOne(item('before'));
      const feed = watch();
      await feed.ready;
      const beginning = await takeHeartbeat(feed);
      await shop.items.insertOne(item('a'));
      const [change] = await takeChanges(watch({ after: beginning.cursor }), 1);
      expect(change?.id).toBe('a');
    });

    it('resume from where they began also when nothing has happened since', async () => {
      const { cursor } = await takeHeartbeat(watch());
      const feed = watch({ after: cursor });
      await feed.ready;
      await shop.items.insertOne(item('a'));
      expect((await takeChanges(feed, 1)).map(({ id }) => id)).toEqual(['a']);
    });

    it('resume exactly after a cursor', async () => {
      const feed = watch();
      await feed.ready;
      for (const id of ['a', 'b', 'c', 'd']) await shop.items.insertOne(item(id));
      const changes = await takeChanges(feed, 4);
      await feed.close();
      const rest = await takeChanges(watch({ after: changes[1]?.cursor }), 2);
      expect(rest.map(({ id, cursor }) => ({ id, cursor }))).toEqual(
        changes.slice(2).map(({ id, cursor }) => ({ id, cursor })),
      );
    });

    it('send a heartbeat in silence; its cursor resumes and its time does not run ahead', async () => {
      const feed = watch({ heartbeatMs: 200 });
      await feed.ready;
      const causal: CausalContext = {};
      await shop.items.insertOne(item('a'), { causal });
      await takeChanges(feed, 1);
      const heartbeat = await takeHeartbeat(feed);
      expect((heartbeat.operationTime as string) >= (causal.last as string)).toBe(true);
      await shop.items.insertOne(item('b'), { causal });
      expect((heartbeat.operationTime as string) < (causal.last as string)).toBe(true);
      const [resumed] = await takeChanges(watch({ after: heartbeat.cursor }), 1);
      expect(resumed?.id).toBe('b');
    });

    it('are only those of the collections that are watched', async () => {
      await shop.database.ensure([OTHERS]);
      const others = shop.database.collection(OTHERS);
      const one = watch();
      const both = watch({ collections: ['items', 'others'] });
      await Promise.all([one.ready, both.ready]);
      await others.insertOne({ _id: 'x' });
      await shop.items.insertOne(item('a'));
      expect((await takeChanges(one, 1)).map(({ id }) => id)).toEqual(['a']);
      expect((await takeChanges(both, 2)).map(({ collection, id }) => `${collection}/${id}`)).toEqual([
        'others/x',
        'items/a',
      ]);
    });

    it('come without the fields that nobody reads, before and after', async () => {
      const feed = watch({ without: ['units', 'tokens'] });
      await feed.ready;
      await shop.items.insertOne(item('a'));
      await shop.items.updateOne({ _id: 'a' }, { $set: { units: 5 } });
      await shop.items.findOneAndDelete({ _id: 'a' });
      const changes = await takeChanges(feed, 3);
      const { units: _units, tokens: _tokens, ...rest } = item('a');
      expect(changes.map(({ before, after }) => ({ before, after }))).toEqual([
        { before: undefined, after: rest },
        { before: rest, after: rest },
        { before: rest, after: undefined },
      ]);
    });

    it('reach two watchers, and those who change what they got change nothing else', async () => {
      const [one, two] = [watch(), watch()];
      await Promise.all([one.ready, two.ready]);
      await shop.items.insertOne(item('a'));
      const [first] = await takeChanges(one, 1);
      (first?.after as { units?: number }).units = 99;
      const [second] = await takeChanges(two, 1);
      expect(second?.after).toEqual(item('a'));
      expect(await shop.items.findOne({ _id: 'a' })).toEqual(item('a'));
    });

    const foreign: [name: string, cursor: string][] = [
      ['of another cluster', 'boot-0000000000000000:7'],
      ['of nonsense', 'zz'],
      ['that is empty', ''],
      ['of an oversized text', 'a'.repeat(100_000)],
    ];
    it.each(foreign)('refuse a cursor %s', async (_name, cursor) => {
      const feed = watch({ after: cursor });
      await expect(feed.ready).rejects.toBeInstanceOf(CursorLostError);
      await expect(takeChanges(feed, 1)).rejects.toBeInstanceOf(CursorLostError);
    });

    it('refuse a cursor that was tampered with', async () => {
      const feed = watch();
      const { cursor } = await takeHeartbeat(feed);
      const cluster = cursor.slice(0, cursor.indexOf(':'));
      const places = ['ffff', '999999999999', '82'].flatMap((end) => [
        `${cluster}:${end}`,
        `${cursor}${end}`,
      ]);
      for (const tampered of [...places, `x${cursor}`]) {
        await expect(watch({ after: tampered }).ready).rejects.toBeInstanceOf(CursorLostError);
      }
    });

    it('end without an error when the feed is closed, waiting or not', async () => {
      const feed = watch({ heartbeatMs: 20_000 });
      await takeHeartbeat(feed);
      const waiting = feed[Symbol.asyncIterator]().next();
      await feed.close();
      expect(await waiting).toEqual({ done: true, value: undefined });
      expect(await feed[Symbol.asyncIterator]().next()).toEqual({ done: true, value: undefined });
    });

    it('end when the database is closed', async () => {
      const feed = watch({ heartbeatMs: 20_000 });
      await takeHeartbeat(feed);
      const waiting = takeUntil(feed, () => false);
      await shop.database.close();
      await expect(waiting).rejects.toThrow('the feed ended after 0 items');
    });

    it('can be left in the middle of a loop', async () => {
      const feed = watch();
      await feed.ready;
      await shop.items.insertOne(item('a'));
      for await (const event of feed) if (event.kind === 'change') break;
      await feed.close();
    });
  });
}
