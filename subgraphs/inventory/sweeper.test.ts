import { silentLogger } from '../../platform/logger.js';
import { startSweeper } from './sweeper.js';

const INTERVAL_MS = 1_000;
const NOW = new Date('2026-03-01T12:00:00Z');

describe('sweeper', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  function start(releaseExpired: (time: Date) => Promise<number>) {
    const archived: Date[] = [];
    const store = {
      releaseExpired,
      archiveSettled: async (time: Date) => {
        archived.push(time);
        return 0;
      },
    };
    const sweeper = startSweeper({
      store,
      intervalMs: INTERVAL_MS,
      clock: () => NOW,
      logger: silentLogger(),
    });
    return { sweeper, archived };
  }

  it('sweeps by the clock it was given, one interval after the sweep before', async () => {
    const times: Date[] = [];
    const { sweeper, archived } = start(async (time) => times.push(time));
    await jest.advanceTimersByTimeAsync(INTERVAL_MS - 1);
    expect(times).toEqual([]);
    await jest.advanceTimersByTimeAsync(1);
    expect(times).toEqual([NOW]);
    await jest.advanceTimersByTimeAsync(INTERVAL_MS);
    expect(times).toEqual([NOW, NOW]);
    expect(archived).toEqual([NOW, NOW]);
    await sweeper.close();
  });

  it('goes on after a sweep that failed', async () => {
    let sweeps = 0;
    const { sweeper, archived } = start(async () => {
      sweeps += 1;
      if (sweeps === 1) throw new Error('the database is away');
      return 0;
    });
    await jest.advanceTimersByTimeAsync(2 * INTERVAL_MS);
    expect(sweeps).toBe(2);
    expect(archived).toHaveLength(1);
    await sweeper.close();
  });

  it('never runs two sweeps at once, and closes when the one under way is done', async () => {
    let finish: (swept: number) => void = () => undefined;
    const held = new Promise<number>((resolve) => {
      finish = resolve;
    });
    let sweeps = 0;
    const { sweeper } = start(() => {
      sweeps += 1;
      return held;
    });
    await jest.advanceTimersByTimeAsync(5 * INTERVAL_MS);
    expect(sweeps).toBe(1);
    let closed = false;
    const closing = sweeper.close().then(() => {
      closed = true;
    });
    await jest.advanceTimersByTimeAsync(INTERVAL_MS);
    expect(closed).toBe(false);
    finish(0);
    await closing;
    await jest.advanceTimersByTimeAsync(5 * INTERVAL_MS);
    expect(sweeps).toBe(1);
  });
});
