import type { GraphQLSchema, OperationDefinitionNode } from 'graphql';
import type { Introspection } from '../introspection.js';
import type { Projections } from '../projection/projections.js';
import type { FetchStep } from './fetchStep.js';

/** Steps without own state: an execution runs them against its own result tree. */
export type PlanStep =
  | FetchStep
  | { readonly kind: 'sequence'; readonly steps: readonly PlanStep[] }
  | { readonly kind: 'parallel'; readonly steps: readonly PlanStep[] }
  | {
      readonly kind: 'condition';
      readonly variable: string;
      readonly whenTrue: PlanStep | undefined;
      readonly whenFalse: PlanStep | undefined;
    }
  | { readonly kind: 'unsupported'; readonly what: 'Defer' | 'Subscription' };

export interface ExecutablePlan {
  readonly operation: OperationDefinitionNode;
  readonly apiSchema: GraphQLSchema;
  /** `undefined` when nothing has to be fetched: introspection, `__typename`, or everything skipped. */
  readonly root: PlanStep | undefined;
  readonly introspection: Introspection | undefined;
  readonly projections: Projections;
  /** Number of fetches; `fetchId`s are below it. */
  readonly fetchCount: number;
}
