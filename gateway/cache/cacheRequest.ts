import type { FetchExplanation } from './fetchExplanation.js';
import type { ResponseFacts } from './responseFacts.js';

/** How one client request uses the caches; part of the request's context. */
export interface CacheRequest {
  /** False for `Cache-Control: no-cache`: everything is loaded anew, and stored. */
  readonly mayRead: boolean;
  /** False for `Cache-Control: no-store`. */
  readonly mayStore: boolean;
  /** Hash of the identity; `undefined` for nobody. Private answers are kept under it alone, or not at all. */
  readonly identityKey: string | undefined;
  readonly facts: ResponseFacts;
  /** Present when this request may see, and asked for, how its parts were answered. */
  readonly explain: FetchExplanation[] | undefined;
}
