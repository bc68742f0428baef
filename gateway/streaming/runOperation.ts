import { randomUUID } from 'node:crypto';
import type { GraphQLError } from 'graphql';
import type { Timers } from '../../platform/database/timers.js';
import { CodedError } from '../../platform/errors.js';
import { CONSISTENCY_HEADER, ConsistencyToken } from '../cache/consistencyToken.js';
import { coerceVariables } from '../execution/coerceVariables.js';
import { conditionFault } from '../execution/run/runPlan.js';
import { checkRootType } from '../planning/checkRootType.js';
import type { AdmittedOperation } from '../planOperation.js';
import type { AuthorizedPlan, Snapshot } from '../supergraph/snapshot.js';
import { afterwards } from './afterwards.js';
import { asGraphQLError } from './asGraphQLError.js';
import { createConcurrencyLimit } from './live/concurrencyLimit.js';
import { liveOptions } from './live/liveDirective.js';
import type { LiveInvalidations } from './live/liveInvalidations.js';
import { openLiveSource } from './live/liveSource.js';
import {
  asBadInput,
  kindOf,
  type OperationRequest,
  type PreparedOperation,
  type PrepareOperation,
} from './prepareOperation.js';
import { runSingle } from './runSingle.js';
import type { StreamClient } from './streamClient.js';
import type { StreamRegistry } from './streamRegistry.js';
import type { StreamRuntime } from './streamRuntime.js';
import { createStreamScope, type StreamScope } from './streamScope.js';
import type { StreamSink } from './streamSink.js';
import { openSubscriptionSource } from './subscriptionSource.js';
import type { UpstreamSubscriptions } from './upstream/upstreamSubscriptions.js';

/** Runs one operation of a client, of whatever kind. @returns a function that ends it */
export type RunOperation = (request: OperationRequest, client: StreamClient, sink: StreamSink) => () => void;

export interface RunOperationOptions {
  readonly runtime: StreamRuntime;
  readonly prepare: PrepareOperation;
  readonly streams: StreamRegistry;
  readonly upstreams: UpstreamSubscriptions;
  readonly invalidations: LiveInvalidations;
  readonly timers: Timers;
  snapshot(): Snapshot | undefined;
  onLiveExecuted(): void;
  /** Told of each operation that is valid. @param documentKey the SHA-256 of its text */
  onValid?(request: OperationRequest, documentKey: string): void;
  /** Told of each subscription and live query that begins. */
  onSubscribed?(operation: AdmittedOperation, headers: StreamClient['headers']): void;
}

const nothing = (): void => undefined;

export function createRunOperation(options: RunOperationOptions): RunOperation {
  const { runtime, prepare, streams, upstreams, invalidations, timers } = options;
  const { config } = runtime;
  const { live } = config.streaming;
  const limit = createConcurrencyLimit(live.maxConcurrent);
  const liveQueries = new WeakMap<StreamClient, number>();

  /** @throws GraphQLError for the client */
  function planFor(
    { snapshot, document, documentKey, operation }: PreparedOperation,
    { variables }: OperationRequest,
    { caller }: StreamClient,
  ): AuthorizedPlan | Promise<AuthorizedPlan> {
    const name = operation.name?.value;
    checkRootType(snapshot.apiSchema, operation);
    snapshot.admitCost(document, documentKey, name, variables);
    return snapshot.planAside(document, documentKey, name, caller);
  }

  /** @throws GraphQLError for the client */
  function scopeOf(
    operation: PreparedOperation,
    plan: AuthorizedPlan,
    request: OperationRequest,
    client: StreamClient,
  ): StreamScope {
    const coerced = coerceVariables(plan, request.variables);
    const [fault] = coerced.errors ?? [conditionFault(plan, coerced.variables)];
    if (fault !== undefined) throw asBadInput(fault);
    const token = runtime.consistency.parseToken(client.headers[CONSISTENCY_HEADER]?.toString());
    const seen = runtime.consistency.isPast(token) ? ConsistencyToken.EMPTY : token;
    return createStreamScope(config, { operation, plan, variables: coerced.variables ?? {}, client, seen });
  }

  /** @throws GraphQLError for the client */
  function runSubscription(scope: StreamScope, sink: StreamSink): () => void {
    if (scope.plan.subscription === undefined) {
      const message = 'Of this subscription nothing is left that is not skipped.';
      throw new CodedError('GRAPHQL_VALIDATION_FAILED', message);
    }
    return streams.join(`s:${scope.key}`, scope, sink, (audience) =>
      openSubscriptionSource(runtime, upstreams, scope, audience),
    );
  }

  function runLive(scope: StreamScope, operation: PreparedOperation, sink: StreamSink): () => void {
    const { client } = scope;
    if (!live.enabled) throw new CodedError('UNSUPPORTED_OPERATION', 'Live queries are switched off.');
    const count = liveQueries.get(client) ?? 0;
    if (count >= live.maxPerConnection) {
      const message = `One connection may have ${live.maxPerConnection} live queries at the same time.`;
      throw new CodedError('STREAM_LIMIT_REACHED', message);
    }
    const { patch, throttleMs = 0 } = liveOptions(operation.operation, scope.variables);
    const leastMs = Math.max(throttleMs, live.throttleMs);
    const leave = streams.join(`l:${patch}:${leastMs}:${scope.key}`, scope, sink, (audience) =>
      openLiveSource({
        runtime,
        scope,
        audience,
        invalidations,
        limit,
        timers,
        patch,
        throttleMs: leastMs,
        onExecuted: options.onLiveExecuted,
      }),
    );
    liveQueries.set(client, count + 1);
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      liveQueries.set(client, (liveQueries.get(client) ?? 1) - 1);
      leave();
    };
  }

  const run: RunOperation = (request, client, sink) => {
    const refuse = (errors: readonly GraphQLError[]) => {
      sink.fail(runtime.mask(errors, randomUUID()));
      return nothing;
    };
    const snapshot = options.snapshot();
    if (snapshot === undefined) return refuse([new CodedError('NOT_READY', 'There is no supergraph yet.')]);
    try {
      const prepared = prepare(snapshot, request);
      if ('errors' in prepared) return refuse(prepared.errors);
      options.onValid?.(request, prepared.documentKey);
      const kind = kindOf(prepared);
      if (kind === 'single') return runSingle(runtime, prepared, request, client, sink);
      const begin = (plan: AuthorizedPlan) => {
        const scope = scopeOf(prepared, plan, request, client);
        options.onSubscribed?.({ ...prepared, variables: request.variables }, client.headers);
        return kind === 'live' ? runLive(scope, prepared, sink) : runSubscription(scope, sink);
      };
      const plan = planFor(prepared, request, client);
      if (!(plan instanceof Promise)) return begin(plan);
      // Planned beside this thread. What has begun on a graph that is not the newest any more would miss the change.
      return afterwards(
        plan.then(
          (planned) => () => (options.snapshot() === snapshot ? begin(planned) : run(request, client, sink)),
        ),
        refuse,
      );
    } catch (error) {
      return refuse([asGraphQLError(error)]);
    }
  };
  return run;
}
