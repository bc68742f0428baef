import { GraphQLError } from 'graphql';
import { CodedError } from '../../platform/errors.js';
import { coerceVariables } from '../execution/coerceVariables.js';
import { conditionFault } from '../execution/run/runPlan.js';
import type { Snapshot } from '../supergraph/snapshot.js';
import {
  asBadInput,
  isSubscription,
  type OperationRequest,
  type PreparedOperation,
  type PrepareOperation,
} from './prepareOperation.js';
import type { StreamClient } from './streamClient.js';
import type { StreamRegistry } from './streamRegistry.js';
import { createStreamScope, type StreamScope } from './streamScope.js';
import type { StreamSink } from './streamSink.js';
import { openSubscriptionSource, type StreamRuntime } from './subscriptionSource.js';
import type { UpstreamSubscriptions } from './upstream/upstreamSubscriptions.js';

/** Runs one operation of a client, of whatever kind. @returns a function that ends it */
export type RunOperation = (request: OperationRequest, client: StreamClient, sink: StreamSink) => () => void;

export interface RunOperationOptions {
  readonly runtime: StreamRuntime;
  readonly prepare: PrepareOperation;
  readonly streams: StreamRegistry;
  readonly upstreams: UpstreamSubscriptions;
  snapshot(): Snapshot | undefined;
}

const nothing = () => undefined;

export function createRunOperation(options: RunOperationOptions): RunOperation {
  const { runtime, prepare, streams, upstreams } = options;
  const { config } = runtime;

  /** @throws GraphQLError for the client */
  function scopeOf(
    operation: PreparedOperation,
    request: OperationRequest,
    client: StreamClient,
  ): StreamScope {
    const { snapshot, document, documentKey } = operation;
    const plan = snapshot.plan(document, documentKey, operation.operation.name?.value, client.caller);
    const coerced = coerceVariables(plan, request.variables);
    const [fault] = coerced.errors ?? [conditionFault(plan, coerced.variables)];
    if (fault !== undefined) throw asBadInput(fault);
    return createStreamScope(config, { operation, plan, variables: coerced.variables ?? {}, client });
  }

  return (request, client, sink) => {
    const refuse = (errors: readonly GraphQLError[]) => {
      sink.fail(runtime.mask(errors, ''));
      return nothing;
    };
    const snapshot = options.snapshot();
    if (snapshot === undefined) return refuse([new CodedError('NOT_READY', 'There is no supergraph yet.')]);
    try {
      const prepared = prepare(snapshot, request);
      if ('errors' in prepared) return refuse(prepared.errors);
      if (!isSubscription(prepared)) {
        return refuse([new CodedError('UNSUPPORTED_OPERATION', 'Only subscriptions are streamed here.')]);
      }
      const scope = scopeOf(prepared, request, client);
      return streams.join(`s:${scope.key}`, scope, sink, (audience) =>
        openSubscriptionSource(runtime, upstreams, scope, audience),
      );
    } catch (error) {
      return refuse([error instanceof GraphQLError ? error : new GraphQLError(String(error))]);
    }
  };
}
