import { type DocumentNode, GraphQLError, type OperationDefinitionNode, OperationTypeNode } from 'graphql';
import { coerceVariables } from './execution/coerceVariables.js';
import type { ExecutePlanArgs, FetchSubgraph } from './execution/types.js';
import { checkRootType } from './planning/checkRootType.js';
import type { RequestContext } from './requestContext.js';
import type { AuthorizedPlan, Snapshot } from './supergraph/snapshot.js';

/** One operation that is valid in the snapshot, with what it is asked with. */
export interface AdmittedOperation {
  readonly snapshot: Snapshot;
  readonly document: DocumentNode;
  /** SHA-256 of its text. */
  readonly documentKey: string;
  readonly operation: OperationDefinitionNode;
  /** As they came. */
  readonly variables: Readonly<Record<string, unknown>> | null | undefined;
  /** Whether it is planned to be answered in parts; for which `mayPlanInParts` has to hold. @default false */
  readonly inParts?: boolean;
}

/** What is to be run, or why it cannot be: the client's fault. */
export type PlannedOperation =
  | {
      readonly plan: AuthorizedPlan;
      readonly args: ExecutePlanArgs<RequestContext>;
      readonly errors?: undefined;
    }
  | { readonly errors: readonly GraphQLError[] };

/**
 * The way of every operation to its execution, whichever server took it in.
 * @throws CodedError when there is no plan for it
 */
export async function planOperation(
  admitted: AdmittedOperation,
  fetch: FetchSubgraph<RequestContext>,
  context: RequestContext,
): Promise<PlannedOperation> {
  const { trace, cache, executed, observed } = context;
  const { snapshot, document, documentKey, operation, variables } = admitted;
  const name = operation.name?.value;
  observed.operation = { name, kind: operation.operation, hash: documentKey, variables };
  checkRootType(snapshot.apiSchema, operation);
  const cost = snapshot.admitCost(document, documentKey, name, variables);
  const planning = observed.span?.child('plan', { 'graphql.operation.type': operation.operation });
  trace?.begin({ id: documentKey, kind: operation.operation, name }, document.loc?.source.body);
  const plan = admitted.inParts
    ? snapshot.planInParts(document, documentKey, name, context.caller)
    : await snapshot.planAside(document, documentKey, name, context.caller);
  planning?.end();
  trace?.planned(plan);
  if (trace !== undefined) trace.estimatedCost = cost.estimate();
  const coerced = coerceVariables(plan, variables);
  if (coerced.errors) return { errors: coerced.errors.map(asBadInput) };
  const isQuery = operation.operation === OperationTypeNode.QUERY;
  if (!isQuery) cache.facts.refuse('gateway', 'it is a mutation');
  if (plan.dependsOnCaller) cache.facts.identityBound = true;
  executed.operation = admitted;
  return {
    plan,
    args: {
      variables: coerced.variables,
      context,
      fetch,
      onFetched(data) {
        const actual = cost.note(data);
        if (trace !== undefined) trace.actualCost = actual;
      },
      // A write is never given up half-way because nobody waits for its answer any more.
      signal: isQuery ? context.clientGone : undefined,
      // Whoever asks how it came about is told of each fetch.
      fetchesApart: trace !== undefined || cache.explain !== undefined,
    },
  };
}

/** Closes the trace, and notes how it went and what keeps the result from being stored. */
export function noteResult(
  { trace, executed, cache: { facts } }: RequestContext,
  { hasErrors, hasInvalidValues }: { readonly hasErrors: boolean; readonly hasInvalidValues: boolean },
): void {
  trace?.end();
  executed.failed = hasErrors;
  if (hasErrors) facts.refuse('gateway', 'it has errors');
  if (hasInvalidValues) facts.refuse('gateway', 'a value does not fit the schema');
}

function asBadInput(error: GraphQLError): GraphQLError {
  return new GraphQLError(error.message, {
    nodes: error.nodes ?? null,
    extensions: { code: 'BAD_USER_INPUT', http: { status: 400 } },
  });
}
