import { SilenceWatch } from './silenceWatch.js';

/** Until what has come is read, the watch does not judge: a turn of the event loop, by the fake clock. */
const READS_FIRST_MS = 1;

describe('a connection whose other side sends heartbeats', () => {
  let watch: SilenceWatch;
  let silences: number;
  beforeEach(() => {
    jest.useFakeTimers();
    silences = 0;
    watch = new SilenceWatch(15_000, () => {
      silences += 1;
    });
  });
  afterEach(() => jest.useRealTimers());

  /** @param heartbeats how many are in what comes */
  function comes(heartbeats: number): void {
    for (let count = 0; count < heartbeats; count++) watch.heartbeat();
    watch.heard();
  }

  /** One every 45 s, and an event every 10 s. */
  function beatAmongEvents(): void {
    for (let second = 0; second <= 90; second += 5) {
      if (second % 45 === 0) comes(1);
      if (second % 10 === 0) comes(0);
      if (second < 90) jest.advanceTimersByTime(5_000);
    }
  }

  it('may be silent for three times as long as one takes from the last, however much else came in between', () => {
    beatAmongEvents();
    jest.advanceTimersByTime(134_999);
    expect(silences).toBe(0);
    jest.advanceTimersByTime(1 + READS_FIRST_MS);
    expect(silences).toBe(1);
  });

  it('may be no less silent after one that came soon', () => {
    beatAmongEvents();
    comes(1);
    jest.advanceTimersByTime(134_999);
    expect(silences).toBe(0);
  });

  it('has sent one when several come together', () => {
    comes(2);
    jest.advanceTimersByTime(45_000);
    expect(silences).toBe(0);
  });

  it('may always be silent for two of our own', () => {
    comes(1);
    jest.advanceTimersByTime(1_000);
    comes(1);
    jest.advanceTimersByTime(29_999);
    expect(silences).toBe(0);
    jest.advanceTimersByTime(1 + READS_FIRST_MS);
    expect(silences).toBe(1);
  });

  it('is found dead also when the timer rings before its time, as timers of a busy process do', () => {
    comes(1);
    jest.advanceTimersByTime(1_000);
    // A timer counts from when its turn of the event loop began, and what is heard is heard later in that turn.
    const { now } = performance;
    jest.spyOn(performance, 'now').mockImplementation(() => now.call(performance) + 40);
    comes(1);
    jest.mocked(performance.now).mockRestore();
    jest.advanceTimersByTime(30_000 + READS_FIRST_MS);
    expect(silences).toBe(0);
    jest.advanceTimersByTime(40 + READS_FIRST_MS);
    expect(silences).toBe(1);
  });

  it('is not watched any more once that is stopped, whatever still comes', () => {
    comes(1);
    watch.stop();
    comes(1);
    expect(jest.getTimerCount()).toBe(0);
  });
});
