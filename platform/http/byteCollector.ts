const FIRST_BYTES = 4_096;

/**
 * Puts together what arrives in pieces. Each piece is an object of a hundred bytes and more: a list of them, of a body
 * that comes byte by byte, would take a hundred times what the body has.
 */
export class ByteCollector {
  /** The only piece, as long as there is only one: most bodies come in one. */
  #only: Buffer | undefined;
  #bytes: Buffer | undefined;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(piece: Buffer): void {
    const start = this.#size;
    this.#size += piece.length;
    if (start === 0) {
      this.#only = piece;
      return;
    }
    if (this.#bytes === undefined || this.#bytes.length < this.#size) this.#grow(start);
    piece.copy(this.#bytes as Buffer, start);
  }

  /** All of it. Nothing may be added afterwards. */
  whole(): Buffer {
    return this.#bytes?.subarray(0, this.#size) ?? this.#only ?? Buffer.alloc(0);
  }

  #grow(filled: number): void {
    const grown = Buffer.allocUnsafeSlow(Math.max(FIRST_BYTES, this.#size * 2));
    (this.#bytes ?? this.#only)?.copy(grown, 0, 0, filled);
    this.#only = undefined;
    this.#bytes = grown;
  }
}
