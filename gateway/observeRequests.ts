import type { IncomingMessage } from 'node:http';
import { CodedError } from '../platform/errors.js';
import { requestIdOf } from '../platform/http/requestId.js';
import type { Logger } from '../platform/logger.js';
import type { FetchSubgraph } from './execution/types.js';
import type { OperationMetrics } from './metrics/operationMetrics.js';
import type { ObservabilityConfig } from './observabilityConfig.js';
import { type Observation, observationOf } from './observation.js';

export interface RequestObserverOptions {
  readonly config: ObservabilityConfig;
  readonly metrics: OperationMetrics;
  readonly logger: Logger;
}

/** Told how each request went, by whoever answers it. */
export interface RequestObserver {
  failed(error: unknown): void;
  finished(request: IncomingMessage): void;
}

/** Measures what was executed, afterwards, and tells it in the log when it was slow. */
export function createRequestObserver(options: RequestObserverOptions): RequestObserver {
  const { config, metrics, logger } = options;

  function finish(observation: Observation, requestId: string): void {
    const { operation, upstreamMs, startedAt, span } = observation;
    const durationMs = performance.now() - startedAt;
    metrics.executed(observation, durationMs);
    const { slowOperationMs, logVariables } = config;
    // A subscription lasts for as long as somebody listens.
    if (operation === undefined || operation.kind === 'subscription') return;
    if (slowOperationMs === undefined || durationMs < slowOperationMs) return;
    logger.warn(
      {
        requestId,
        ...(span && { traceId: span.context.traceId }),
        operation: operation.name,
        operationHash: operation.hash,
        kind: operation.kind,
        durationMs: Math.round(durationMs),
        upstreamMs: Math.round(upstreamMs),
        ...(logVariables && { variables: operation.variables }),
      },
      'a slow operation',
    );
  }

  return {
    failed(error) {
      metrics.error(error instanceof CodedError ? error.code : 'INTERNAL_SERVER_ERROR');
    },
    finished(request) {
      const observation = observationOf(request);
      if (observation !== undefined) finish(observation, requestIdOf(request));
    },
  };
}

interface ObservedContext {
  readonly headers: Readonly<Record<string, string>>;
  readonly observed: Observation;
}

/** Around what really sends: notes how long, makes a span of it, and tells the subgraph to go on with that. */
export function observeFetches<C extends ObservedContext>(
  fetch: FetchSubgraph<C>,
  format: (span: NonNullable<Observation['span']>) => string,
): FetchSubgraph<C> {
  return async (request, context) => {
    const { observed } = context;
    const span = observed.span?.child(
      `fetch ${request.subgraph}`,
      { 'headgate.subgraph': request.subgraph, 'graphql.operation.type': request.operationKind },
      'client',
    );
    observed.fetchStarted();
    try {
      const sent =
        span === undefined
          ? context
          : { ...context, headers: { ...context.headers, traceparent: format(span) } };
      const response = await fetch(request, sent);
      const failed = Array.isArray(response.errors) && response.errors.length > 0;
      span?.end(failed ? new Error('the answer has errors') : undefined);
      return response;
    } catch (error) {
      span?.end(error);
      throw error;
    } finally {
      observed.fetchEnded();
    }
  };
}
