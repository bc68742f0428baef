import type { GraphQLError, GraphQLSchema, OperationDefinitionNode } from 'graphql';
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

/** What happens for each event of a subscription. */
export interface SubscriptionSteps {
  /** Begins the event stream; each event is an answer to it. */
  readonly primary: FetchStep;
  /** What other subgraphs add to an event. */
  readonly rest: PlanStep | undefined;
}

export interface ExecutablePlan {
  readonly operation: OperationDefinitionNode;
  readonly apiSchema: GraphQLSchema;
  /** `undefined` when nothing has to be fetched: introspection, `__typename`, or everything skipped. */
  readonly root: PlanStep | undefined;
  /** Present for subscriptions; `root` is one that cannot be run then. */
  readonly subscription: SubscriptionSteps | undefined;
  readonly introspection: Introspection | undefined;
  readonly projections: Projections;
  /** Errors of every result: for what was left out of the plan because the caller may not see it. */
  readonly unauthorized: readonly GraphQLError[];
  /** Number of fetches; `fetchId`s are below it. */
  readonly fetchCount: number;
}
