import { held } from '../../test/support/held.js';
import { recordingLogger } from '../../test/support/recordingLogger.js';
import type { UsageMark } from './usageMark.js';
import { createUsageRecorder } from './usageRecorder.js';
import { createUsageReporter } from './usageReporter.js';
import { UsageTicket } from './usageTicket.js';

const web = { name: 'web', version: '1' };
const phone = { name: 'phone', version: '2' };

function known(id: string, supergraph = 'graph'): UsageTicket {
  const ticket = new UsageTicket(undefined, 0);
  const coordinates = { fields: ['Query.a'], arguments: [], inputFields: [], enumValues: [] };
  ticket.mark = {
    supergraph,
    id,
    name: undefined,
    kind: 'query',
    text: `{ ${id} }`,
    coordinates,
    counts: new Map(),
  };
  return ticket;
}
const idsOf = (entries: readonly { mark: UsageMark; count: number }[]) =>
  entries.map(({ mark, count }) => [mark.id, count]);

describe('the recorder of usage', () => {
  it('counts by operation and client, with errors apart, and begins anew each time it is asked', () => {
    const recorder = createUsageRecorder();
    const [a, b] = [known('a'), known('b')];
    for (const failed of [false, true, false]) recorder.count(a, web, failed);
    recorder.count(a, phone, false);
    recorder.count(b, web, false);
    expect(recorder.take()).toMatchObject({
      entries: [
        { mark: { id: 'a' }, client: web, count: 3, errors: 1 },
        { mark: { id: 'a' }, client: phone, count: 1, errors: 0 },
        { mark: { id: 'b' }, client: web, count: 1, errors: 0 },
      ],
      dropped: 0,
    });
    expect(recorder.take()).toEqual({ entries: [], dropped: 0 });
    recorder.count(a, web, false);
    expect(idsOf(recorder.take().entries)).toEqual([['a', 1]]);
  });

  it('keeps no more entries than it may, and says how many uses it left out', () => {
    const recorder = createUsageRecorder({ maxEntries: 2 });
    for (const id of ['a', 'b', 'c', 'd']) recorder.count(known(id), web, false);
    const { entries, dropped } = recorder.take();
    expect(idsOf(entries)).toEqual([
      ['a', 1],
      ['b', 1],
    ]);
    expect(dropped).toBe(2);
  });

  it('looks at nothing while the request is answered, and keeps no more of that than it may', () => {
    const turns: (() => void)[] = [];
    const recorder = createUsageRecorder({
      maxPending: 3,
      maxPendingBytes: 100,
      later: (turn) => turns.push(turn),
    });
    const source = jest.fn(() => undefined);
    const [small, large] = [new UsageTicket(source, 60), new UsageTicket(source, 60)];
    recorder.count(small, web, false);
    recorder.count(large, web, false);
    for (let i = 0; i < 3; i++) recorder.count(small, web, false);
    expect(source).not.toHaveBeenCalled();
    expect(turns).toHaveLength(1);
    turns[0]?.();
    // What cannot be told is looked at once, and is dropped from then on.
    expect(source).toHaveBeenCalledTimes(1);
    recorder.count(small, web, false);
    expect(recorder.take()).toEqual({ entries: [], dropped: 1 + 1 + 3 + 1 });
    expect(source).toHaveBeenCalledTimes(1);
    recorder.count(large, web, false);
    turns[1]?.();
    expect(source).toHaveBeenCalledTimes(2);
  });
});

describe('the reporter of usage', () => {
  function start(send: (report: string) => Promise<void>) {
    const recorder = createUsageRecorder();
    const { logger, lines } = recordingLogger();
    const outcomes: [string, number][] = [];
    const reporter = createUsageReporter({
      recorder,
      send,
      intervalMs: 3_600_000,
      logger,
      onReport: (outcome, uses) => outcomes.push([outcome, uses]),
    });
    return { recorder, reporter, lines, outcomes };
  }

  it('sends each text once, one report for each graph, and nothing when there is nothing', async () => {
    const reports: { supergraph: string; operations: { id: string; text?: string; count: number }[] }[] = [];
    const { recorder, reporter } = start(async (report) => void reports.push(JSON.parse(report)));
    await reporter.flush();
    expect(reports).toEqual([]);
    const [a, b] = [known('a', 'old'), known('b', 'new')];
    recorder.count(a, web, false);
    recorder.count(a, phone, false);
    recorder.count(b, web, true);
    await reporter.flush();
    recorder.count(a, web, false);
    await reporter.close();
    expect(reports).toMatchObject([
      {
        supergraph: 'old',
        dropped: 0,
        operations: [
          { id: 'a', name: null, text: '{ a }', client: web },
          { id: 'a', client: phone },
        ],
      },
      { supergraph: 'new', operations: [{ id: 'b', errors: 1, fields: ['Query.a'] }] },
      { supergraph: 'old', operations: [{ id: 'a', count: 1 }] },
    ]);
    expect(reports.map(({ operations }) => operations.map(({ text }) => text !== undefined))).toEqual([
      [true, false],
      [true],
      [false],
    ]);
  });

  it('gives up what it cannot send, says so once, and counts it in the next report, with the texts again', async () => {
    let isDown = true;
    const reports: { dropped: number; operations: { text?: string }[] }[] = [];
    const { recorder, reporter, lines, outcomes } = start(async (report) => {
      if (isDown) throw new Error('down');
      reports.push(JSON.parse(report));
    });
    const a = known('a');
    for (let i = 0; i < 3; i++) {
      recorder.count(a, web, false);
      await reporter.flush();
    }
    expect(lines).toHaveLength(1);
    isDown = false;
    recorder.count(a, web, false);
    await reporter.flush();
    recorder.count(a, web, false);
    await reporter.close();
    expect(reports.map(({ dropped, operations }) => [dropped, operations[0]?.text])).toEqual([
      [3, '{ a }'],
      [0, undefined],
    ]);
    expect(outcomes).toEqual([
      ['failed', 1],
      ['failed', 1],
      ['failed', 1],
      ['sent', 1],
      ['sent', 1],
    ]);
  });

  it('cuts what is too much for one report, and leaves out what the registry would refuse', async () => {
    const sizes: number[] = [];
    const operations: { name: string | null; text?: string }[] = [];
    const { recorder, reporter } = start(async (report) => {
      const parsed = JSON.parse(report);
      sizes.push(parsed.operations.length);
      operations.push(...parsed.operations);
    });
    for (let i = 0; i < 501; i++) recorder.count(known(`a${i}`), web, false);
    await reporter.flush();
    const long = known('x'.repeat(100_001));
    if (long.mark) long.mark = { ...long.mark, name: 'N'.repeat(201) };
    for (let i = 0; i < 11; i++)
      recorder.count(i === 0 ? long : known(`b${i}${'y'.repeat(99_000)}`), web, false);
    await reporter.close();
    expect(sizes).toEqual([500, 1, 10, 1]);
    expect(operations[501]).toMatchObject({ name: null });
    expect(operations[501]).not.toHaveProperty('text');
  });

  it('never has two reports under way', async () => {
    const answered = held();
    const send = jest.fn(() => answered.promise);
    const { recorder, reporter } = start(send);
    recorder.count(known('a'), web, false);
    const first = reporter.flush();
    recorder.count(known('b'), web, false);
    expect(reporter.flush()).toBe(first);
    expect(send).toHaveBeenCalledTimes(1);
    answered.release();
    await reporter.close();
    expect(send).toHaveBeenCalledTimes(2);
  });
});
