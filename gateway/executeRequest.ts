import type { GatewayExecutionResult, GatewayGraphQLRequestContext } from '@apollo/server-gateway-interface';
import { GraphQLError, type OperationDefinitionNode, OperationTypeNode } from 'graphql';
import { CodedError } from '../platform/errors.js';
import { coerceVariables } from './execution/coerceVariables.js';
import { executePlan } from './execution/executePlan.js';
import type { FetchSubgraph } from './execution/types.js';
import type { RequestContext } from './requestContext.js';
import type { Snapshot } from './supergraph/snapshot.js';

/** Plans and runs one validated operation. Errors that are the client's come back in the result, never thrown. */
export async function executeRequest(
  snapshot: Snapshot,
  fetch: FetchSubgraph<RequestContext>,
  request: GatewayGraphQLRequestContext<RequestContext>,
): Promise<GatewayExecutionResult> {
  const { document, context } = request;
  // Apollo's types promise it; it is missing when the document has no operation of the name, or several without one.
  const operation = request.operation as OperationDefinitionNode | undefined;
  if (operation === undefined) return { errors: [unresolved(request.request.operationName)] };
  if (operation.operation === OperationTypeNode.SUBSCRIPTION) {
    const error = new CodedError(
      'UNSUPPORTED_OPERATION',
      'Subscriptions do not work over a single HTTP response.',
    );
    return { errors: [error] };
  }
  context.trace?.begin(request.queryHash, operation.operation, operation.name?.value);
  const plan = snapshot.plan(document, request.queryHash, operation.name?.value, context.caller);
  context.trace?.planned(plan);
  const coerced = coerceVariables(plan, request.request.variables);
  if (coerced.errors) return { errors: coerced.errors.map(asBadInput) };
  const isQuery = operation.operation === OperationTypeNode.QUERY;
  const { facts } = context.cache;
  if (!isQuery) facts.refuse('gateway', 'it is a mutation');
  if (plan.dependsOnCaller) facts.identityBound = true;
  const result = await executePlan(plan, {
    variables: coerced.variables,
    context,
    fetch,
    // A write is never given up half-way because nobody waits for its answer any more.
    signal: isQuery ? context.clientGone : undefined,
  });
  context.trace?.end();
  if (result.errors) facts.refuse('gateway', 'it has errors');
  if (result.extensions?.valueCompletion) facts.refuse('gateway', 'a value does not fit the schema');
  return result;
}

function unresolved(operationName: string | null | undefined): CodedError {
  const message = operationName
    ? `The document has no operation named "${operationName}".`
    : 'The document has several operations: name the one to run.';
  return new CodedError('OPERATION_RESOLUTION_FAILURE', message);
}

function asBadInput(error: GraphQLError): GraphQLError {
  return new GraphQLError(error.message, {
    nodes: error.nodes ?? null,
    extensions: { code: 'BAD_USER_INPUT', http: { status: 400 } },
  });
}
