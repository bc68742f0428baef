export interface HedgeOptions<T> {
  /** How long the first attempt has until there is a second one beside it. */
  readonly afterMs: number;
  readonly signal: AbortSignal | undefined;
  /** Asked when that time is over. */
  mayHedge(): boolean;
  fetch(signal: AbortSignal): Promise<T>;
}

/**
 * For reads that are now and then slow for no reason of their own: what answers first counts, and the other attempt is
 * given up. An attempt that fails while the other is under way is forgotten; when both fail, the first error is told.
 */
export async function fetchHedged<T>(options: HedgeOptions<T>): Promise<T> {
  const { afterMs, signal, mayHedge, fetch } = options;
  const legs: { readonly abort: AbortController; readonly answer: Promise<T> }[] = [];
  const start = (): Promise<T> => {
    const abort = new AbortController();
    const both = signal === undefined ? abort.signal : AbortSignal.any([signal, abort.signal]);
    const answer = fetch(both);
    legs.push({ abort, answer });
    return answer;
  };
  return new Promise<T>((resolve, reject) => {
    let failures = 0;
    let firstError: unknown;
    const settle = (finish: () => void): void => {
      clearTimeout(timer);
      finish();
      // Those that have answered do not notice.
      for (const { abort } of legs) abort.abort(new Error('another attempt has answered'));
    };
    const follow = (answer: Promise<T>): void => {
      answer.then(
        (value) => settle(() => resolve(value)),
        (error: unknown) => {
          if (failures === 0) firstError = error;
          failures += 1;
          if (failures === legs.length) settle(() => reject(firstError));
        },
      );
    };
    const timer = setTimeout(() => {
      if (mayHedge()) follow(start());
    }, afterMs);
    follow(start());
  });
}
