import type { GraphQLError, GraphQLSchema, OperationDefinitionNode, SelectionSetNode } from 'graphql';
import type { Introspection } from '../introspection.js';
import type { PartShapes } from '../projection/partShapes.js';
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
  | DeferStep
  | { readonly kind: 'unsupported'; readonly what: 'Subscription' };

/** What is fetched for the first part of a response, and what for those that come after it. */
export interface DeferStep {
  readonly kind: 'defer';
  readonly primary: ResponsePart;
  readonly deferred: readonly DeferredPart[];
}

export interface ResponsePart {
  /** What it shows of the place where it belongs, in the names of the result tree. `undefined` for nothing. */
  readonly selection: SelectionSetNode | undefined;
  /** `undefined` when everything is there already. */
  readonly step: PlanStep | undefined;
}

export interface DeferredPart extends ResponsePart {
  readonly label: string | undefined;
  /** Names in the result tree, and `... on Type` for conditions. Lists are not named: each element is a place. */
  readonly path: readonly string[];
  /** What is deferred inside it. */
  readonly deferred: readonly DeferredPart[];
}

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
  /** Values of variables that the plan has in the place of the client's literals. */
  readonly literals?: Readonly<Record<string, unknown>>;
  /** `undefined` when nothing has to be fetched: introspection, `__typename`, or everything skipped. */
  readonly root: PlanStep | undefined;
  /** Present for subscriptions; `root` is one that cannot be run then. */
  readonly subscription: SubscriptionSteps | undefined;
  readonly introspection: Introspection | undefined;
  readonly projections: Projections;
  readonly partShapes: PartShapes;
  /** Errors of every result: for what was left out of the plan because the caller may not see it. */
  readonly unauthorized: readonly GraphQLError[];
  /** Number of fetches; `fetchId`s are below it. */
  readonly fetchCount: number;
}
