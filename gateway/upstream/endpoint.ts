import { type BreakerState, CircuitBreaker } from '../../platform/circuitBreaker.js';
import type { SubgraphRequest, SubgraphResponse } from '../execution/types.js';
import type { FaultConfig } from './faultConfig.js';
import { isTransient } from './isTransient.js';
import type { SubgraphClient, UpstreamContext } from './subgraphClient.js';

/** One address of a subgraph: what is under way there, and whether it is worth asking. */
export class Endpoint {
  readonly #client: SubgraphClient;
  readonly #breaker: CircuitBreaker | undefined;
  #pending = 0;

  constructor(client: SubgraphClient, { failures, openMs, maxOpenMs }: FaultConfig['breaker']) {
    this.#client = client;
    this.#breaker = failures === 0 ? undefined : new CircuitBreaker({ failures, openMs, maxOpenMs });
  }

  get pending(): number {
    return this.#pending;
  }

  get admits(): boolean {
    return this.#breaker?.admits ?? true;
  }

  get breakerState(): BreakerState {
    return this.#breaker?.state ?? 'closed';
  }

  get state(): SubgraphClient['state'] {
    return this.#client.state;
  }

  /** @throws what `SubgraphClient.fetch` throws, and BreakerOpenError where it does not admit */
  async fetch(request: SubgraphRequest, context: UpstreamContext): Promise<SubgraphResponse> {
    const call = () => this.#client.fetch(request, context);
    this.#pending += 1;
    try {
      if (this.#breaker === undefined) return await call();
      return await this.#breaker.run(call, (error) => saysNothing(error, request, context));
    } finally {
      this.#pending -= 1;
    }
  }

  close(): Promise<void> {
    return this.#client.close();
  }
}

/** Nobody waits any more, or it did answer, if badly. */
function saysNothing(error: unknown, { signal }: SubgraphRequest, { deadlineAt }: UpstreamContext): boolean {
  if (signal?.aborted) return true;
  // Less time than an attempt usually has is no measure of the subgraph.
  if (deadlineAt !== undefined && performance.now() >= deadlineAt) return true;
  return !isTransient(error) && (error as { code?: unknown }).code !== 'SUBGRAPH_TIMEOUT';
}
