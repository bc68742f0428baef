import { BreakerOpenError, type BreakerState, CircuitBreaker } from './circuitBreaker.js';

function openStage() {
  let time = 0;
  const breaker = new CircuitBreaker({ failures: 2, openMs: 100, maxOpenMs: 300, now: () => time });
  const states: BreakerState[] = [];
  const stop = breaker.onChange((state) => states.push(state));
  const fail = () => breaker.run(() => Promise.reject(new Error('no answer')));
  const succeed = () => breaker.run(async () => 'answer');
  const advance = (ms: number) => {
    time += ms;
  };
  return { breaker, states, stop, fail, succeed, advance };
}

describe('the circuit breaker', () => {
  it('opens after failures in a row, and lets nothing through then', async () => {
    const { breaker, states, fail, succeed } = openStage();
    await expect(fail()).rejects.toThrow('no answer');
    expect(await succeed()).toBe('answer');
    await expect(fail()).rejects.toThrow('no answer');
    expect(breaker.state).toBe('closed');
    await expect(fail()).rejects.toThrow('no answer');
    expect(breaker.state).toBe('open');
    const call = jest.fn(async () => 'answer');
    await expect(breaker.run(call)).rejects.toThrow(BreakerOpenError);
    expect(call).not.toHaveBeenCalled();
    expect(states).toEqual(['open']);
  });

  it('lets one call through after a while, whose success closes it', async () => {
    const { breaker, states, fail, succeed, advance } = openStage();
    await expect(fail()).rejects.toThrow();
    await expect(fail()).rejects.toThrow();
    advance(99);
    await expect(succeed()).rejects.toThrow(BreakerOpenError);
    advance(1);
    let answer = (_: string) => {};
    const trial = breaker.run(() => new Promise<string>((resolve) => (answer = resolve)));
    expect(breaker.state).toBe('half-open');
    await expect(succeed()).rejects.toThrow(BreakerOpenError);
    answer('answer');
    expect(await trial).toBe('answer');
    expect(states).toEqual(['open', 'half-open', 'closed']);
    expect(await succeed()).toBe('answer');
  });

  it('stays open for longer after each trial that fails, up to a bound, and starts anew after a success', async () => {
    const { breaker, fail, succeed, advance } = openStage();
    await expect(fail()).rejects.toThrow();
    await expect(fail()).rejects.toThrow();
    for (const openMs of [100, 200, 300, 300]) {
      advance(openMs - 1);
      await expect(fail()).rejects.toThrow(BreakerOpenError);
      advance(1);
      await expect(fail()).rejects.toThrow('no answer');
      expect(breaker.state).toBe('open');
    }
    advance(300);
    await succeed();
    await expect(fail()).rejects.toThrow();
    await expect(fail()).rejects.toThrow();
    advance(100);
    expect(await succeed()).toBe('answer');
  });

  it('takes a trial that its caller gave up for none, and the next call is one', async () => {
    const { breaker, fail, succeed, advance } = openStage();
    await expect(fail()).rejects.toThrow();
    await expect(fail()).rejects.toThrow();
    expect(breaker.admits).toBe(false);
    advance(100);
    expect(breaker.admits).toBe(true);
    const givenUp = new Error('given up');
    await expect(
      breaker.run(
        () => Promise.reject(givenUp),
        (error) => error === givenUp,
      ),
    ).rejects.toThrow('given up');
    expect([breaker.state, breaker.admits]).toEqual(['open', true]);
    expect(await succeed()).toBe('answer');
    expect(breaker.state).toBe('closed');
  });

  it('is not closed by what was sent before it opened', async () => {
    const { breaker, fail } = openStage();
    let answer = (_: string) => {};
    const slow = breaker.run(() => new Promise<string>((resolve) => (answer = resolve)));
    await expect(fail()).rejects.toThrow();
    await expect(fail()).rejects.toThrow();
    answer('late');
    expect(await slow).toBe('late');
    expect(breaker.state).toBe('open');
  });

  it('tells nobody who has stopped listening', async () => {
    const { states, stop, fail } = openStage();
    stop();
    await expect(fail()).rejects.toThrow();
    await expect(fail()).rejects.toThrow();
    expect(states).toEqual([]);
  });
});
