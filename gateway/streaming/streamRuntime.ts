import type { GraphQLError, GraphQLFormattedError } from 'graphql';
import type { GatewayConfig } from '../config.js';
import type { FetchSubgraph } from '../execution/types.js';
import type { RequestContext } from '../requestContext.js';
import type { StreamScope } from './streamScope.js';

/** What streams execute with. */
export interface StreamRuntime {
  readonly config: GatewayConfig;
  fetchFor(scope: StreamScope): FetchSubgraph<RequestContext>;
  /** What clients see of errors. */
  mask(errors: readonly GraphQLError[], requestId: string): GraphQLFormattedError[];
}
