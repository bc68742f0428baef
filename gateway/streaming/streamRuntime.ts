import type { GraphQLError, GraphQLFormattedError } from 'graphql';
import type { Caching } from '../cache/createCaching.js';
import type { GatewayConfig } from '../config.js';
import type { FetchSubgraph } from '../execution/types.js';
import type { RequestContext } from '../requestContext.js';
import type { StreamScope } from './streamScope.js';

/** What streams execute with. */
export interface StreamRuntime {
  readonly config: GatewayConfig;
  readonly consistency: Pick<Caching, 'parseToken' | 'isPast' | 'tokenFor'>;
  /** @throws CodedError `OVERLOADED` while as much is under way as can be done */
  shed<T>(work: () => Promise<T>): Promise<T>;
  fetchFor(scope: Pick<StreamScope, 'snapshot'>): FetchSubgraph<RequestContext>;
  /** What clients see of errors. */
  mask(errors: readonly GraphQLError[], requestId: string): GraphQLFormattedError[];
}
