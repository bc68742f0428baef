import { type HttpAnswer, headerOf } from '../support/httpConnection.js';

/** How answers came about, by what was asked and by what their `x-cache` says. */
export class HitCounts {
  readonly #byRead = new Map<string, Map<string, number>>();

  /** @param read what was asked */
  add(read: string, answer: HttpAnswer): void {
    const status = headerOf(answer, 'x-cache') ?? 'none';
    let byStatus = this.#byRead.get(read);
    if (byStatus === undefined) {
      byStatus = new Map();
      this.#byRead.set(read, byStatus);
    }
    byStatus.set(status, (byStatus.get(status) ?? 0) + 1);
  }

  /** What was asked, in the order of the names. */
  get reads(): readonly string[] {
    return [...this.#byRead.keys()].sort();
  }

  /** The part that no subgraph was asked for: hits of whole responses, and those who joined another request. */
  ratio(read?: string): number {
    return this.share('hit', read) + this.share('joined', read);
  }

  /** The part of all answers, or of those to one read, whose status begins like this. */
  share(prefix: string, read?: string): number {
    let all = 0;
    let matching = 0;
    for (const [name, byStatus] of this.#byRead) {
      if (read !== undefined && name !== read) continue;
      for (const [status, count] of byStatus) {
        all += count;
        if (status.startsWith(prefix)) matching += count;
      }
    }
    return all === 0 ? 0 : matching / all;
  }
}
