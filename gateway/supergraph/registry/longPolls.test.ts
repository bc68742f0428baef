import { Backoff } from '../../cache/feed/backoff.js';
import { longPolls } from './longPolls.js';

describe('long polls of the registry', () => {
  let ending: AbortController;
  beforeEach(() => {
    jest.useFakeTimers();
    ending = new AbortController();
  });
  afterEach(() => {
    ending.abort();
    jest.useRealTimers();
  });

  /** Asks as long as there are answers; then the answer does not come. */
  function start(answers: (boolean | Error)[]): { readonly asked: () => number } {
    let asked = 0;
    const poll = async (): Promise<boolean> => {
      asked += 1;
      const answer = answers[asked - 1];
      if (answer instanceof Error) throw answer;
      return answer ?? new Promise<never>(() => undefined);
    };
    const backoff = new Backoff({ random: () => 1 });
    void longPolls({ backoff, minIntervalMs: 1_000, signal: ending.signal, poll });
    return { asked: () => asked };
  }

  it('ask again at once after something new', async () => {
    const { asked } = start([true, true]);
    await jest.advanceTimersByTimeAsync(0);
    expect(asked()).toBe(3);
  });

  it('ask no more often than the interval when nothing is new', async () => {
    const { asked } = start([false, false]);
    await jest.advanceTimersByTimeAsync(999);
    expect(asked()).toBe(1);
    await jest.advanceTimersByTimeAsync(1);
    expect(asked()).toBe(2);
  });

  it('wait longer after each failure', async () => {
    const { asked } = start([new Error('away'), new Error('away')]);
    const expected = new Backoff({ random: () => 1 });
    const [first, second] = [expected.nextMs(), expected.nextMs()];
    expect(second).toBeGreaterThan(first);
    await jest.advanceTimersByTimeAsync(first - 1);
    expect(asked()).toBe(1);
    await jest.advanceTimersByTimeAsync(1);
    expect(asked()).toBe(2);
    await jest.advanceTimersByTimeAsync(second - 1);
    expect(asked()).toBe(2);
    await jest.advanceTimersByTimeAsync(1);
    expect(asked()).toBe(3);
  });

  it('end when they are told to, also while they wait', async () => {
    const { asked } = start([false, false]);
    await jest.advanceTimersByTimeAsync(0);
    ending.abort();
    await jest.advanceTimersByTimeAsync(5_000);
    expect(asked()).toBe(1);
  });
});
