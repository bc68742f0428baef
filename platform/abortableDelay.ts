export interface AbortableDelayOptions {
  /** Whether the process stays for it when nothing else is to be done. @default true */
  readonly ref?: boolean;
}

/** Resolves after `ms`, or as soon as the signal is aborted; never rejects. */
export function abortableDelay(
  ms: number,
  signal: AbortSignal,
  { ref = true }: AbortableDelayOptions = {},
): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const timer = setTimeout(done, ms);
    if (!ref) timer.unref();
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
    signal.addEventListener('abort', done, { once: true });
  });
}
