import { type HttpAnswer, headerOf } from '../support/httpConnection.js';

/** How answers came about, by what their `x-cache` says. */
export class HitCounts {
  readonly #byStatus = new Map<string, number>();

  add(answer: HttpAnswer): void {
    const status = headerOf(answer, 'x-cache') ?? 'none';
    this.#byStatus.set(status, (this.#byStatus.get(status) ?? 0) + 1);
  }

  /** The part of all answers whose status begins like this. */
  share(prefix: string): number {
    let all = 0;
    let matching = 0;
    for (const [status, count] of this.#byStatus) {
      all += count;
      if (status.startsWith(prefix)) matching += count;
    }
    return all === 0 ? 0 : matching / all;
  }
}
