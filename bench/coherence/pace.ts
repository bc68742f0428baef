/** Holds writers back so that a given number of reads comes with each write, however fast either is. */
export class Pace {
  #reads = 0;
  #writes = 0;
  #waiting: (() => void)[] = [];

  constructor(
    readonly readsPerWrite: number,
    readonly totalWrites: number,
  ) {}

  get reads(): number {
    return this.#reads;
  }

  get writes(): number {
    return this.#writes;
  }

  read(): void {
    this.#reads += 1;
    if (this.#waiting.length > 0 && this.#isDue()) this.#waiting.shift()?.();
  }

  /** Resolves when the next write is due. @returns false when there were enough */
  async nextWrite(): Promise<boolean> {
    while (this.#writes < this.totalWrites && !this.#isDue()) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    if (this.#writes >= this.totalWrites) {
      for (const wake of this.#waiting.splice(0)) wake();
      return false;
    }
    this.#writes += 1;
    return true;
  }

  #isDue(): boolean {
    return this.#writes * this.readsPerWrite <= this.#reads;
  }
}
