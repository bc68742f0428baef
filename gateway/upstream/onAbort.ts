const listenersOf = new WeakMap<AbortSignal, Set<() => void>>();

/**
 * Calls once a signal is aborted. All that wait on one signal share one listener of it: a request makes several fetches,
 * and to add a listener and to take it away again costs more than anything else of waiting for an answer.
 *
 * @param signal that is not aborted yet
 * @returns to be called when it does not matter any more
 */
export function onAbort(signal: AbortSignal, listener: () => void): () => void {
  let listeners = listenersOf.get(signal);
  if (listeners === undefined) {
    const added = new Set<() => void>();
    listeners = added;
    listenersOf.set(signal, added);
    signal.addEventListener(
      'abort',
      () => {
        for (const each of added) each();
      },
      { once: true },
    );
  }
  const known = listeners;
  known.add(listener);
  return () => known.delete(listener);
}
