import { setTimeout as pause } from 'node:timers/promises';

/**
 * Runs work that is not urgent beside requests that are: after each step, for as long as that step took, the process
 * belongs to others. No request waits for more than one step, and half of the time stays theirs.
 */
export async function inSlices<T>(steps: Iterator<unknown, T>): Promise<T> {
  for (;;) {
    const startedAt = performance.now();
    const { done, value } = steps.next();
    if (done) return value;
    await pause(Math.ceil(performance.now() - startedAt));
  }
}
