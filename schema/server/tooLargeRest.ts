import type { DiscardOptions } from '../../platform/http/discardBody.js';

/** What is read of a body that is too large, before it is refused: it comes from somebody who has a token. */
export const TOO_LARGE_REST: DiscardOptions = { maxBytes: 64 * 1024 * 1024, timeoutMs: 5_000 };
