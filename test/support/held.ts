/** Something that a test lets happen when it wants. */
export interface Held<T = void> {
  readonly promise: Promise<T>;
  release(value: T): void;
  fail(error: unknown): void;
}

export function held<T = void>(): Held<T> {
  let release: (value: T) => void = () => undefined;
  let fail: (error: unknown) => void = () => undefined;
  const promise = new Promise<T>((resolve, reject) => {
    release = resolve;
    fail = reject;
  });
  promise.catch(() => undefined);
  return { promise, release, fail };
}
