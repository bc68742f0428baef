/** Bodies that several clients wait for: however many they are, each body is in memory once, and counts once. */
export class SharedBodies {
  /** By how many each is held. */
  readonly #holders = new Map<Buffer, number>();
  #bytes = 0;

  /** Of all that are held by somebody. */
  get bytes(): number {
    return this.#bytes;
  }

  hold(body: Buffer): void {
    const before = this.#holders.get(body) ?? 0;
    this.#holders.set(body, before + 1);
    if (before === 0) this.#bytes += body.length;
  }

  /** For one who holds it. */
  release(body: Buffer): void {
    const after = this.holders(body) - 1;
    if (after > 0) {
      this.#holders.set(body, after);
      return;
    }
    this.#holders.delete(body);
    this.#bytes -= body.length;
  }

  /** By how many it is held; 1 for a body that nobody holds. */
  holders(body: Buffer): number {
    return this.#holders.get(body) ?? 1;
  }
}
