/**
 * An iterator whose `return()` takes effect at once. A plain async generator only looks at `return()` when it reaches
 * its next `yield`: one that waits for an event that never comes would stay for ever.
 *
 * @param start its generator must end soon after the signal is aborted
 */
export function cancellable<T>(
  start: (signal: AbortSignal) => AsyncGenerator<T, void, undefined>,
): AsyncGenerator<T, void, undefined> {
  const controller = new AbortController();
  const inner = start(controller.signal);
  const stop = (): Promise<IteratorResult<T, void>> => {
    controller.abort();
    return inner.return();
  };
  return {
    next: () => inner.next(),
    return: stop,
    throw: (error: unknown) => {
      controller.abort();
      return inner.throw(error);
    },
    [Symbol.asyncIterator]() {
      return this;
    },
    [Symbol.asyncDispose]: async () => {
      await stop();
    },
  };
}
