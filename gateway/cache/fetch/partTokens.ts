import type { TieredToken } from '../tieredCache.js';

/** The permissions to store the parts of one fetch, and with them the leases that it has been given. */
export class PartTokens {
  readonly #tokens: (TieredToken | undefined)[];
  /** Each may have come with a lease, which has to be given back. */
  readonly #unused = new Set<TieredToken>();

  constructor(tokens: readonly (TieredToken | undefined)[]) {
    this.#tokens = new Array(tokens.length);
    for (const [part, token] of tokens.entries()) this.set(part, token);
  }

  has(part: number): boolean {
    return this.#tokens[part] !== undefined;
  }

  set(part: number, token: TieredToken | undefined): void {
    this.#tokens[part] = token;
    if (token !== undefined) this.#unused.add(token);
  }

  /** For the load of these parts, which gives their leases back. */
  use(parts: readonly number[]): (TieredToken | undefined)[] {
    return parts.map((part) => {
      const token = this.#tokens[part];
      if (token !== undefined) this.#unused.delete(token);
      return token;
    });
  }

  /** Those that no load got. */
  takeUnused(): TieredToken[] {
    const unused = [...this.#unused];
    this.#unused.clear();
    return unused;
  }
}
