import { setTimeout as pause } from 'node:timers/promises';

/**
 * Runs work that is not urgent beside requests that are: after each step, for as long as that step took, the process
 * belongs to others. No request waits for more than one step, and half of the time stays theirs. A step that gives a
 * promise goes on elsewhere: the next one waits for it.
 *
 * @param steps whose promises never reject
 * @throws the reason of `signal`, once that says that nobody needs the result any more
 */
export async function inSlices<T>(steps: Iterator<unknown, T>, signal: AbortSignal): Promise<T> {
  for (;;) {
    signal.throwIfAborted();
    const startedAt = performance.now();
    const { done, value } = steps.next();
    const tookMs = performance.now() - startedAt;
    if (done) return value;
    if (value instanceof Promise) await untilEither(value, signal);
    await pause(Math.ceil(tookMs));
  }
}

async function untilEither(work: Promise<unknown>, signal: AbortSignal): Promise<void> {
  let stop = (): void => undefined;
  const aborted = new Promise<void>((resolve) => {
    stop = resolve;
    signal.addEventListener('abort', stop, { once: true });
  });
  await Promise.race([work, aborted]);
  signal.removeEventListener('abort', stop);
}
