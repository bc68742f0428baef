/** What was started, to be stopped in the opposite order. Node 20 has no `AsyncDisposableStack`. */
export class Cleanup implements AsyncDisposable {
  readonly #steps: (() => Promise<void> | void)[] = [];

  use<T extends AsyncDisposable>(resource: T): T {
    this.defer(() => Promise.resolve(resource[Symbol.asyncDispose]()));
    return resource;
  }

  defer(step: () => Promise<void> | void): void {
    this.#steps.push(step);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (let step = this.#steps.pop(); step !== undefined; step = this.#steps.pop()) await step();
  }
}
