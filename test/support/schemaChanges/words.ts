import type { Verdict } from '../../../schema/check/checkResult.js';

/** `no change`: clients see nothing of it. */
export type Expected = Verdict | 'no change';

/** One change of a schema, and what a check must say about it. */
export interface SchemaChangeCase {
  readonly change: string;
  /** SDL of one subgraph, without its `@link`. */
  readonly before: string;
  readonly after: string;
  /** An operation that uses what the change touches. */
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  /** When no gateway has reported anything. */
  readonly unknown: Expected;
  /** When others are used, and this is not. */
  readonly unused: Expected;
  /** When the operation above is used. */
  readonly used: Expected;
  /** Who says so. */
  readonly source: string;
}

export const SPEC = 'GraphQL specification, ';
export const JS = 'graphql-js findBreakingChanges, ';
export const APOLLO = 'Apollo GraphOS, Schema Checks Reference: ';
export const BREAKING = { unknown: 'breaking', unused: 'unused', used: 'breaking' } as const;
export const DANGEROUS = { unknown: 'dangerous', unused: 'dangerous', used: 'dangerous' } as const;
export const SAFE = { unknown: 'safe', unused: 'safe', used: 'safe' } as const;
export const INVISIBLE = { unknown: 'no change', unused: 'no change', used: 'no change' } as const;
/** The operation that is used is one that the change does not reach. */
export const NOT_REACHED = { unknown: 'breaking', unused: 'unused', used: 'unused' } as const;

export const F = (field: string, rest = '') => `type Query { ${field} other: Int } ${rest}`;
export const COLOR = 'enum Color { RED GREEN }';
export const MORE_COLORS = 'enum Color { RED GREEN BLUE }';
export const ANIMALS =
  'interface Animal { name: String } type Dog implements Animal { name: String legs: Int }';
