import type { ConsistencyTokens } from './consistencyTokens.js';
import type { Sha256 } from './sha256.js';

/** What the link and the exchange have in common. */
export interface GatewayClientOptions {
  /** To be shared between several clients of one page. @default its own, in memory */
  readonly tokens?: ConsistencyTokens | undefined;
  /**
   * Sends queries as GET with the hash of their text, so that caches on the way can answer them, and as POST with the
   * text when the gateway does not know the hash yet. Mutations are always a POST with their text.
   *
   * @default true
   */
  readonly persistedQueries?: boolean | undefined;
  /** @default that of the platform. Where there is none, queries go as POST with their text */
  readonly sha256?: Sha256 | undefined;
}
