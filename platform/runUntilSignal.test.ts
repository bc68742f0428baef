import { held } from '../test/support/held.js';
import { recordingLogger } from '../test/support/recordingLogger.js';
import { runUntilSignal } from './runUntilSignal.js';

describe('runUntilSignal', () => {
  let exit: jest.SpyInstance;
  const before = { SIGTERM: process.listeners('SIGTERM'), SIGINT: process.listeners('SIGINT') };
  beforeEach(() => {
    jest.useFakeTimers();
    exit = jest.spyOn(process, 'exit').mockReturnValue(undefined as never);
  });
  afterEach(() => {
    jest.useRealTimers();
    exit.mockRestore();
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      for (const listener of process.listeners(signal)) {
        if (!before[signal].includes(listener)) process.off(signal, listener);
      }
    }
  });

  it('ends a process that something still holds on to 5 s after it has stopped', async () => {
    const { logger, lines } = recordingLogger();
    const over = runUntilSignal(async () => undefined, logger);
    process.emit('SIGTERM', 'SIGTERM');
    await over;
    jest.advanceTimersByTime(4_999);
    expect(exit).not.toHaveBeenCalled();
    jest.advanceTimersByTime(1);
    expect(exit.mock.calls).toEqual([[]]);
    expect(lines.at(-1)).toMatchObject({ msg: expect.stringContaining('still holds on to the process') });
  });

  it('waits for the stop, however long it takes, unless it was given a deadline', async () => {
    const stopping = held();
    const over = runUntilSignal(() => stopping.promise, recordingLogger().logger);
    process.emit('SIGTERM', 'SIGTERM');
    jest.advanceTimersByTime(3_600_000);
    expect(exit).not.toHaveBeenCalled();
    stopping.release();
    await over;
  });

  it('ends with status 1 when the stop takes longer than its deadline', () => {
    void runUntilSignal(() => held().promise, recordingLogger().logger, { stopWithinMs: 1_000 });
    process.emit('SIGINT', 'SIGINT');
    jest.advanceTimersByTime(999);
    expect(exit).not.toHaveBeenCalled();
    jest.advanceTimersByTime(1);
    expect(exit.mock.calls).toEqual([[1]]);
  });

  it('forgets the deadline of a stop that was in time', async () => {
    const over = runUntilSignal(async () => undefined, recordingLogger().logger, { stopWithinMs: 1_000 });
    process.emit('SIGTERM', 'SIGTERM');
    await over;
    jest.advanceTimersByTime(1_000);
    expect(exit).not.toHaveBeenCalled();
  });
});
