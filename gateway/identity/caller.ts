import { hash } from 'node:crypto';
import type { Identity } from '../../platform/identity.js';

/** Who makes a request, as far as the configuration lets us believe it. */
export interface Caller {
  /** `undefined` for the anonymous. */
  readonly identity: Identity | undefined;
  /** The policies that hold for the caller, for `@policy`. */
  readonly policies: readonly string[];
  /**
   * Of everything that an answer may depend on: what subgraphs are told of the caller, and what decides which fields
   * it may see. Equal for callers that must be answered alike. `undefined` for the anonymous.
   */
  readonly key: string | undefined;
  /** Milliseconds since 1970 from which on this is not true any more; what stays open ends then. */
  readonly expiresAt: number | undefined;
}

export const ANONYMOUS: Caller = { identity: undefined, policies: [], key: undefined, expiresAt: undefined };

export function createCaller(
  identity: Identity,
  { policies = [], expiresAt }: { policies?: readonly string[]; expiresAt?: number } = {},
): Caller {
  const { subject, scopes, claims } = identity;
  const key = hash(
    'sha256',
    JSON.stringify([subject, scopes ?? null, policies, claims ?? null]),
    'base64url',
  );
  return { identity, policies, key, expiresAt };
}
