import { systemTimers, type Timers } from '../../../platform/database/timers.js';

/** Something took longer than it may. What it does goes on; its outcome is not looked at. */
export class DeadlineExceededError extends Error {
  override readonly name = 'DeadlineExceededError';

  constructor(what: string, deadlineMs: number) {
    super(`${what} took longer than ${deadlineMs} ms`);
  }
}

/**
 * The outcome of a promise, or a `DeadlineExceededError`.
 *
 * When the process itself was too busy to look at an answer that is there, the timer fires first: so the answer gets
 * one more turn of the event loop, or a busy process would take a healthy server for a dead one.
 */
export function withDeadline<T>(
  promise: Promise<T>,
  what: string,
  deadlineMs: number,
  timers: Timers = systemTimers,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = timers.after(deadlineMs, () => {
      setImmediate(() => reject(new DeadlineExceededError(what, deadlineMs)));
    });
    promise.then(resolve, reject).finally(stop);
  });
}
