import type { Broadcast } from '../../gateway/cache/invalidate/broadcast.js';
import type { PurgeNotice } from '../../gateway/cache/invalidate/purgeNotice.js';
import { until } from './until.js';

export interface BroadcastNetwork {
  /** Joins, and is connected. */
  join(origin: string): Promise<Broadcast>;
  /** Something that somebody else says. */
  say(text: string): Promise<void>;
}

export function noticeOf(origin: string, tag: string): PurgeNotice {
  return {
    origin,
    invalidation: { source: 'products', tags: [tag], operationTime: 'rs0@0000000000000005' },
    sharedPurged: true,
  };
}

/** The notices that come, as they come. */
export function heardBy(broadcast: Broadcast): PurgeNotice[] {
  const heard: PurgeNotice[] = [];
  broadcast.listen({ onNotice: (notice) => void heard.push(notice), onGap: () => undefined });
  return heard;
}

/** What every `Broadcast` promises. `open` gives a network of its own for each test, and closes it afterwards. */
export function describeBroadcast(name: string, open: () => Promise<BroadcastNetwork>): void {
  describe(`broadcast: ${name}`, () => {
    it('reaches everybody else, whole and in order', async () => {
      const network = await open();
      const [a, b, c] = [await network.join('a'), await network.join('b'), await network.join('c')];
      const [atB, atC] = [heardBy(b), heardBy(c)];
      await a.publish(noticeOf('a', 't1'));
      await a.publish(noticeOf('a', 't2'));
      await until('both are heard', () => atB.length === 2 && atC.length === 2);
      expect(atB).toEqual([noticeOf('a', 't1'), noticeOf('a', 't2')]);
      expect(atC).toEqual(atB);
      expect([a.counts.sent, b.counts.received]).toEqual([2, 2]);
    });

    it('does not come back to who sent it, nor to the workers beside it', async () => {
      const network = await open();
      const [a, beside, b] = [await network.join('a'), await network.join('a'), await network.join('b')];
      const [atA, atBeside, atB] = [heardBy(a), heardBy(beside), heardBy(b)];
      await a.publish(noticeOf('a', 't1'));
      await b.publish(noticeOf('b', 'last'));
      await until('the last one is heard', () => atA.length > 0 && atBeside.length > 0 && atB.length > 0);
      expect(atA).toEqual([noticeOf('b', 'last')]);
      expect(atBeside).toEqual([noticeOf('b', 'last')]);
    });

    it('ignores and counts what is no notice', async () => {
      const network = await open();
      const a = await network.join('a');
      const atA = heardBy(a);
      await network.say('hello');
      await network.say('{"v":1,"origin":"x","source":"products","tags":"all"}');
      await network.say('{"v":2,"origin":"x","source":"products","tags":[]}');
      const b = await network.join('b');
      await b.publish(noticeOf('b', 'last'));
      await until('the last one is heard', () => atA.length > 0);
      expect(atA).toEqual([noticeOf('b', 'last')]);
      expect(a.counts.malformed).toBe(3);
    });

    it('leaves who stopped listening alone', async () => {
      const network = await open();
      const [a, b] = [await network.join('a'), await network.join('b')];
      const stopped: unknown[] = [];
      b.listen({ onNotice: (notice) => void stopped.push(notice), onGap: () => undefined })();
      const atB = heardBy(b);
      await a.publish(noticeOf('a', 't1'));
      await until('it is heard', () => atB.length === 1);
      expect(stopped).toEqual([]);
    });

    it('says nothing more once it is closed, and does not fail', async () => {
      const network = await open();
      const [a, b] = [await network.join('a'), await network.join('b')];
      await a.close();
      await a.publish(noticeOf('a', 't1'));
      expect(a.counts).toMatchObject({ sent: 0, unsent: 1 });
      await b.publish(noticeOf('b', 't2'));
      expect(a.counts.received).toBe(0);
    });
  });
}
