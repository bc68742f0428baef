import type { GatewayExecutionResult, GatewayGraphQLRequestContext } from '@apollo/server-gateway-interface';
import { type OperationDefinitionNode, OperationTypeNode } from 'graphql';
import { CodedError } from '../platform/errors.js';
import { executePlan } from './execution/executePlan.js';
import type { FetchSubgraph } from './execution/types.js';
import { noteResult, planOperation } from './planOperation.js';
import type { RequestContext } from './requestContext.js';
import { isLive } from './streaming/live/liveDirective.js';
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
  if (isLive(snapshot.apiSchema, operation)) {
    const error = new CodedError(
      'UNSUPPORTED_OPERATION',
      'Live queries do not work over a single HTTP response: use WebSocket, SSE or multipart.',
    );
    return { errors: [error] };
  }
  const documentKey = request.queryHash;
  const { variables } = request.request;
  const planned = await planOperation(
    { snapshot, document, documentKey, operation, variables },
    fetch,
    context,
  );
  if (planned.errors) return { errors: planned.errors };
  const result = await executePlan(planned.plan, planned.args);
  noteResult(context, {
    hasErrors: result.errors !== undefined,
    hasInvalidValues: result.extensions?.valueCompletion !== undefined,
  });
  return result;
}

function unresolved(operationName: string | null | undefined): CodedError {
  const message =
    typeof operationName === 'string'
      ? `The document has no operation named "${operationName}".`
      : 'The document has several operations: name the one to run.';
  return new CodedError('OPERATION_RESOLUTION_FAILURE', message);
}
