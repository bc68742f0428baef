import { LRUCache } from 'lru-cache';
import { CodedError } from '../../platform/errors.js';

const KEPT_FOR_MS = 60_000;
const KEPT = 1_000;

/** Operations that could not be planned in time: asking again at once would take the same time in vain. */
export class PlanRefusals {
  readonly #refused = new LRUCache<string, CodedError>({ max: KEPT, ttl: KEPT_FOR_MS });

  /** Remembers errors that another attempt would end with as well. */
  note(key: string, error: CodedError): void {
    if (error.code === 'QUERY_PLAN_LIMIT') this.#refused.set(key, error);
  }

  /** @throws CodedError `QUERY_PLAN_LIMIT` */
  check(key: string): void {
    const { code, message } = this.#refused.get(key) ?? {};
    // A new one for each request: what is noted on an error belongs to one.
    if (code !== undefined && message !== undefined) throw new CodedError(code, message);
  }
}
