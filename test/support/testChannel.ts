/** Events that a test publishes to whoever listens at that moment. */
export class TestChannel<T> {
  readonly #listeners = new Set<(value: T | undefined) => void>();

  get listeners(): number {
    return this.#listeners.size;
  }

  publish(value: T): void {
    for (const listener of [...this.#listeners]) listener(value);
  }

  /** Ends every stream. */
  end(): void {
    for (const listener of [...this.#listeners]) listener(undefined);
  }

  /** Listens from now on, as a resolver's `subscribe`. */
  subscribe(): AsyncGenerator<T> {
    const waiting: (T | undefined)[] = [];
    let wake: () => void = () => undefined;
    const listener = (value: T | undefined) => {
      waiting.push(value);
      wake();
    };
    const listeners = this.#listeners;
    listeners.add(listener);
    const next = async (): Promise<IteratorResult<T>> => {
      while (waiting.length === 0) {
        if (!listeners.has(listener)) return { done: true, value: undefined };
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      const value = waiting.shift();
      if (value !== undefined) return { done: false, value };
      listeners.delete(listener);
      return { done: true, value: undefined };
    };
    const close = async (): Promise<IteratorResult<T>> => {
      listeners.delete(listener);
      wake();
      return { done: true, value: undefined };
    };
    return {
      next,
      return: close,
      throw: close,
      [Symbol.asyncIterator]() {
        return this;
      },
      [Symbol.asyncDispose]: async () => void (await close()),
    } as AsyncGenerator<T>;
  }
}
