import type { GraphQLError } from 'graphql';
import type { JsonObject } from '../json.js';
import type { ExecutePlanArgs, SubgraphResponse } from '../types.js';

/** One request for several fetches that are alike but for their entities. */
export interface JointRequest {
  /** @param representations of a further fetch */
  join(representations: readonly JsonObject[]): Promise<SubgraphResponse>;
}

/** The state of one execution: its arguments, the result tree that fetches merge into, and the errors so far. */
export interface Execution<C> extends ExecutePlanArgs<C> {
  readonly root: JsonObject;
  readonly errors: GraphQLError[];
  /** Whether an entity stands in several places of the tree, as the same object. */
  sharesObjects: boolean;
  /** Whether a list stands in several places of the tree, as the same object. */
  isShared: boolean;
  /** Requests that are about to be sent, which others may join. */
  joints?: Map<string, JointRequest>;
}
