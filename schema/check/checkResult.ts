import type { LintFinding } from '../work/lintSchema.js';

/** An operation of a client that a change reaches. */
export interface Hit {
  /** SHA-256 of the operation's text. */
  readonly operation: string;
  readonly name: string | null;
  readonly client: { readonly name: string; readonly version: string };
  /** How often it was executed in the days that the check looks back. */
  readonly count: number;
}

/**
 * - `breaking`: the check fails for it.
 * - `approved`: it breaks, and somebody said that it may.
 * - `unused`: it would break, and nobody uses what it takes away.
 * - `dangerous`: clients may notice; the check does not fail.
 * - `safe`: nobody notices.
 */
export type Verdict = 'breaking' | 'approved' | 'unused' | 'dangerous' | 'safe';

export interface CheckedChange {
  /** Stays the same as long as the change does: what approvals name. */
  readonly id: string;
  readonly verdict: Verdict;
  /** GraphQL Inspector's name for this kind of change. */
  readonly type: string;
  readonly message: string;
  readonly path: string;
  readonly reason?: string;
  /** The most used first, and not all of them when they are many. */
  readonly hits: readonly Hit[];
  /** Executions of all who are hit. */
  readonly count: number;
  readonly approval?: { readonly by: string; readonly reason: string; readonly expiresAt: Date };
}

export interface CheckResult {
  readonly at: Date;
  readonly by: string;
  readonly subgraph: string;
  readonly context: string;
  readonly outcome: 'passed' | 'failed';
  /** The version that it was checked against; `null` before the first. */
  readonly against: number | null;
  /** Why it does not compose, or cannot be served; then nothing else was compared. */
  readonly faults: readonly string[];
  /** What composed, but may not be meant; only hints that are not there already. */
  readonly hints: readonly string[];
  readonly usage: {
    readonly days: number;
    /** Without reports of any gateway, everything counts as used. */
    readonly known: boolean;
    /** Executions that gateways could not keep: what they used may be missing here. */
    readonly dropped: number;
  };
  readonly changes: readonly CheckedChange[];
  /**
   * Operations that fit the schema of now and not the new one, and that no change above that breaks has among its hits.
   * The check fails for each that is not approved, by `change`.
   */
  readonly operations: readonly {
    /** What an approval names. */
    readonly change: string;
    readonly approved: boolean;
    readonly id: string;
    readonly name: string | null;
    readonly errors: readonly string[];
  }[];
  readonly lint: readonly LintFinding[];
}
