import type { GraphQLFormattedError } from 'graphql';
import type { SubgraphResponse } from '../../execution/types.js';

/** One subscription, as a subgraph is asked for it. */
export interface UpstreamRequest {
  readonly subgraph: string;
  readonly url: string;
  readonly query: string;
  readonly operationName: string | undefined;
  readonly variables: Readonly<Record<string, unknown>> | undefined;
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

/** Takes subscriptions to subgraphs over one protocol. */
export interface UpstreamTransport {
  /** One try. After `refused`, `lost` or `complete` nothing is called any more, nor once it is stopped. */
  subscribe(request: UpstreamRequest, sink: UpstreamSink): () => void;
  close(): void;
}
