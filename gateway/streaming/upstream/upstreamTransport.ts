import type { GraphQLFormattedError } from 'graphql';
import type { SubgraphResponse } from '../../execution/types.js';

/** One subscription, as a subgraph is asked for it. */
export interface UpstreamRequest {
  readonly subgraph: string;
  readonly url: string;
  readonly query: string;
  readonly operationName: string | undefined;
  readonly variables: Readonly<Record<string, unknown>> | undefined;
  /** The cursor of the last event that came, of a subgraph that gives its events some: the next one follows it. */
  readonly resumeAfter?: string | undefined;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** Equal for those that would get the same events. */
  readonly key: string;
  /** Equal for those that may use the same connection. */
  readonly connectionKey: string;
}

export interface UpstreamSink {
  /** The subgraph has taken the connection; events may follow. */
  opened(): void;
  next(event: SubgraphResponse): void;
  /** The subgraph does not want it: trying again would be in vain. */
  refused(errors: readonly GraphQLFormattedError[]): void;
  /** The connection is gone, or was never made. */
  lost(error: Error): void;
  complete(): void;
}

export interface UpstreamTransportOptions {
  /** Until the subgraph begins to answer; where there are several steps, for each of them. */
  readonly connectTimeoutMs: number;
  /** How long a connection on which nothing comes is trusted: once or twice as long, by protocol. */
  readonly heartbeatMs: number;
  /** A connection that brings a larger message is given up. */
  readonly maxMessageBytes: number;
}

/** Takes subscriptions to subgraphs over one protocol. */
export interface UpstreamTransport {
  /** One try. After `refused`, `lost` or `complete` nothing is called any more, nor once it is stopped. */
  subscribe(request: UpstreamRequest, sink: UpstreamSink): () => void;
  close(): void;
}

export function subscribePayload({ query, operationName, variables, resumeAfter }: UpstreamRequest) {
  return {
    query,
    operationName: operationName ?? null,
    variables: variables ?? null,
    ...(resumeAfter !== undefined && { extensions: { headgate: { resumeAfter } } }),
  };
}

/**
 * Why the subgraph does not take the operation, or ends it before its time, when the result says so: of an event there
 * is always `data`, and be it `null`.
 */
export function refusalIn(result: SubgraphResponse): readonly GraphQLFormattedError[] | undefined {
  if ('data' in result || !Array.isArray(result.errors)) return undefined;
  // Clients of WebSockets take an error without errors for a broken connection.
  return result.errors.length > 0
    ? result.errors
    : [{ message: 'The subgraph ended the operation without a reason.' }];
}
