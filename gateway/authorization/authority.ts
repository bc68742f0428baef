import type { Caller } from '../identity/caller.js';

/** What of a caller decides which fields it may see. */
export type Authority = Pick<Caller, 'identity' | 'policies'>;

/** One application of an authorization directive, as a condition on the caller. */
export interface Requirement {
  isMetBy(authority: Authority): boolean;
}

export const AUTHENTICATED: Requirement = {
  isMetBy: ({ identity }) => identity !== undefined,
};

/** @param alternatives of `@requiresScopes`: all scopes of at least one of the inner lists */
export function requiresScopes(alternatives: readonly (readonly string[])[]): Requirement {
  return {
    isMetBy: ({ identity }) => identity !== undefined && hasAllOfAny(identity.scopes ?? [], alternatives),
  };
}

/** @param alternatives of `@policy`: all policies of at least one of the inner lists */
export function requiresPolicies(alternatives: readonly (readonly string[])[]): Requirement {
  return { isMetBy: ({ policies }) => hasAllOfAny(policies, alternatives) };
}

function hasAllOfAny(held: readonly string[], alternatives: readonly (readonly string[])[]): boolean {
  return alternatives.some((all) => all.every((one) => held.includes(one)));
}
