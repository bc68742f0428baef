interface Closable {
  close(): Promise<void>;
}

/** What a process opened, one on top of the other. */
export class Resources {
  readonly #opened: Closable[] = [];

  add<T extends Closable>(resource: T): T {
    this.#opened.push(resource);
    return resource;
  }

  /** Last opened, first closed. Each gets its turn, also when another fails; then the first failure is thrown. */
  async close(): Promise<void> {
    const failures: unknown[] = [];
    for (const resource of this.#opened.splice(0).reverse()) {
      await resource.close().catch((error: unknown) => failures.push(error));
    }
    if (failures.length > 0) throw failures[0];
  }

  /** Runs `open`; when it fails, closes what it had opened so far and fails with the same error. */
  static async orClose<T>(open: (resources: Resources) => Promise<T>): Promise<T> {
    const resources = new Resources();
    try {
      return await open(resources);
    } catch (error) {
      await resources.close().catch(() => undefined);
      throw error;
    }
  }
}
