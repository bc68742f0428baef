import { DeadlineExceededError, withDeadline } from './deadline.js';

describe('a deadline', () => {
  it('gives way to an outcome that comes in time', async () => {
    expect(await withDeadline(Promise.resolve(1), 'it', 1_000)).toBe(1);
    await expect(withDeadline(Promise.reject(new Error('own')), 'it', 1_000)).rejects.toThrow('own');
  });

  it('ends the wait for what does not come', async () => {
    const waiting = withDeadline(new Promise(() => {}), 'a read', 5);
    await expect(waiting).rejects.toThrow(new DeadlineExceededError('a read', 5));
    await expect(waiting).rejects.toThrow('a read took longer than 5 ms');
  });

  it('takes an answer that was there while the process was busy', async () => {
    let fire = () => {};
    const timers = {
      now: () => 0,
      after: (_: number, callback: () => void) => {
        fire = callback;
        return () => {};
      },
    };
    let answer = (_: string) => {};
    const waiting = withDeadline(new Promise<string>((resolve) => (answer = resolve)), 'it', 5, timers);
    fire();
    answer('there');
    expect(await waiting).toBe('there');
  });
});
