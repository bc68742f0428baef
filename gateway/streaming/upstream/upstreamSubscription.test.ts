import { silentLogger } from '../../../platform/logger.js';
import { ManualTimers } from '../../../test/support/manualTimers.js';
import { upstreamRequest } from '../../../test/support/upstreamRequest.js';
import { UpstreamSubscription, type UpstreamSubscriptionOptions } from './upstreamSubscription.js';
import type { UpstreamRequest, UpstreamSink } from './upstreamTransport.js';

interface Try {
  readonly request: UpstreamRequest;
  readonly sink: UpstreamSink;
  isStopped: boolean;
}

const CURSOR_LOST = { message: 'gone', extensions: { code: 'CURSOR_LOST' } };

function begin(options: Partial<UpstreamSubscriptionOptions> = {}) {
  const timers = new ManualTimers();
  const tries: Try[] = [];
  const heard: unknown[] = [];
  const subscription = new UpstreamSubscription(
    upstreamRequest('ws://sensors.test', { subgraph: 'sensors' }),
    {
      transport: {
        subscribe(request, sink) {
          const made: Try = { request, sink, isStopped: false };
          tries.push(made);
          return () => {
            made.isStopped = true;
          };
        },
        close: () => undefined,
      },
      retryForMs: 60_000,
      endOnGap: false,
      timers,
      logger: silentLogger(),
      random: () => 0,
      onEvent: () => undefined,
      onLost: () => undefined,
      onEnd: () => void heard.push('end'),
      ...options,
    },
  );
  subscription.listen({
    event: ({ data }, mayHaveMissed) => void heard.push([data?.['changed'], mayHaveMissed]),
    fail: (errors) => void heard.push(errors.map(({ extensions }) => extensions?.['code'])),
    complete: () => void heard.push('complete'),
  });
  const last = (): Try => tries.at(-1) as Try;
  return {
    timers,
    tries,
    heard,
    last,
    event(changed: number, cursor?: string): void {
      const extensions = cursor === undefined ? {} : { headgate: { cursor } };
      last().sink.next({ data: { changed }, extensions });
    },
    lose: () => last().sink.lost(new Error('cut')),
    /** Waits for the next try, which succeeds. */
    async reopen(): Promise<void> {
      await timers.advance(10_000);
      last().sink.opened();
    },
  };
}

describe('a subscription at a subgraph whose events have cursors', () => {
  it('begins without one, resumes after the last that came, and has missed nothing', async () => {
    const { tries, heard, last, event, lose, reopen } = begin();
    last().sink.opened();
    event(1, 'c1');
    event(2, 'c2');
    lose();
    await reopen();
    event(3, 'c3');
    lose();
    await reopen();
    event(4, 'c4');
    expect(tries.map(({ request }) => request.resumeAfter)).toEqual([undefined, 'c2', 'c3']);
    expect(heard).toEqual([
      [1, false],
      [2, false],
      [3, false],
      [4, false],
    ]);
  });

  it('passes on an event whose errors are no list', () => {
    const { heard, last, event } = begin();
    last().sink.opened();
    event(1, 'c1');
    last().sink.next({ data: { changed: 2 }, errors: 'oops' as never });
    expect(heard).toEqual([
      [1, false],
      [2, false],
    ]);
  });

  it('may have missed something when none had come yet', async () => {
    const { heard, last, event, lose, reopen } = begin();
    last().sink.opened();
    lose();
    await reopen();
    event(1, 'c1');
    expect(heard).toEqual([[1, true]]);
  });

  it.each([
    ['with an event', (sink: UpstreamSink) => sink.next({ data: null, errors: [CURSOR_LOST] })],
    ['by refusing it', (sink: UpstreamSink) => sink.refused([CURSOR_LOST])],
  ])(
    'begins anew when what follows the cursor is gone, and may have missed something: told %s',
    async (_, tell) => {
      const { tries, heard, last, event, lose, reopen } = begin();
      last().sink.opened();
      event(1, 'c1');
      lose();
      await reopen();
      tell(last().sink);
      lose();
      await reopen();
      event(9, 'c9');
      expect(tries.map(({ request }) => request.resumeAfter)).toEqual([undefined, 'c1', undefined]);
      expect(heard).toEqual([
        [1, false],
        [9, true],
      ]);
    },
  );

  it('leaves the connection over which it is told that the cursor is lost', () => {
    const { tries, last, event } = begin();
    last().sink.opened();
    event(1, 'c1');
    last().sink.next({ data: null, errors: [CURSOR_LOST] });
    expect(tries[0]?.isStopped).toBe(true);
  });

  it('ends only when something may have been missed, where gaps end it', async () => {
    const { heard, last, event, lose, reopen } = begin({ endOnGap: true });
    last().sink.opened();
    event(1, 'c1');
    lose();
    await reopen();
    event(2, 'c2');
    last().sink.next({ data: null, errors: [CURSOR_LOST] });
    await reopen();
    expect(heard).toEqual([[1, false], [2, false], 'end', ['EVENTS_LOST']]);
  });

  it('tells subscribers of a lost cursor that it never had', () => {
    const { heard, last } = begin();
    last().sink.opened();
    last().sink.refused([CURSOR_LOST]);
    expect(heard).toEqual(['end', ['CURSOR_LOST']]);
  });
});

describe('a subscription that a subgraph takes each time, and ends at once', () => {
  /** Takes and loses each try until it is given up, or there were ten. @returns how long it waited for each, in ms */
  async function flap({ timers, tries, heard, last, lose }: ReturnType<typeof begin>): Promise<number[]> {
    const waits: number[] = [];
    while (waits.length < 10 && !heard.includes('end')) {
      const made = tries.length;
      last().sink.opened();
      lose();
      const lostAt = timers.now();
      while (tries.length === made && !heard.includes('end')) await timers.advance(100);
      if (tries.length > made) waits.push(timers.now() - lostAt);
    }
    return waits;
  }

  it('is tried at growing intervals, and given up after the time for that', async () => {
    const subscription = begin({ retryForMs: 10_000 });
    expect(await flap(subscription)).toEqual([100, 200, 400, 800, 1_600, 3_200, 3_700]);
    expect(subscription.heard).toEqual(['end', ['SUBGRAPH_UNAVAILABLE']]);
    expect(subscription.timers.pending).toBe(0);
  });

  it.each<[string, (subscription: ReturnType<typeof begin>) => unknown]>([
    ['an event came', ({ event }) => event(1)],
    ['it has lasted for 5 s', ({ timers }) => timers.advance(5_000)],
  ])('has all that time, and short intervals, again once %s', async (_what, goOn) => {
    const subscription = begin({ retryForMs: 10_000 });
    subscription.last().sink.opened();
    subscription.lose();
    await subscription.timers.advance(9_000);
    subscription.last().sink.opened();
    await goOn(subscription);
    expect(await flap(subscription)).toEqual([100, 200, 400, 800, 1_600, 3_200, 3_700]);
  });

  it('does not last when it is lost before', async () => {
    const { timers, tries, heard, last, lose } = begin({ retryForMs: 10_000 });
    last().sink.opened();
    lose();
    await timers.advance(4_000);
    last().sink.opened();
    await timers.advance(4_900);
    lose();
    await timers.advance(1_099);
    expect([tries.length, heard]).toEqual([3, []]);
    last().sink.opened();
    lose();
    await timers.advance(1);
    last().sink.lost(new Error('cut'));
    expect(heard).toEqual(['end', ['SUBGRAPH_UNAVAILABLE']]);
  });
});
