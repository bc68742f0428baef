import { setTimeout as pause } from 'node:timers/promises';

/**
 * Runs work that is not urgent beside requests that are: after each step, for as long as that step took, the process
 * belongs to others. No request waits for more than one step, and half of the time stays theirs.
 *
 * @throws the reason of `signal`, once that says that nobody needs the result any more
 */
export async function inSlices<T>(steps: Iterator<unknown, T>, signal: AbortSignal): Promise<T> {
  for (;;) {
    signal.throwIfAborted();
    const startedAt = performance.now();
    const { done, value } = steps.next();
    if (done) return value;
    await pause(Math.ceil(performance.now() - startedAt));
  }
}
