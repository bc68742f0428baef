import { type BreakerState, CircuitBreaker } from '../../platform/circuitBreaker.js';
import type { SubgraphRequest, SubgraphResponse } from '../execution/types.js';
import type { FaultConfig } from './faultConfig.js';
import { isTransient } from './isTransient.js';
import { BadResponseError, type SubgraphClient, type UpstreamContext } from './subgraphClient.js';

/** One address of a subgraph: what is under way there, and whether it is worth asking. */
export class Endpoint {
  readonly #client: SubgraphClient;
  readonly #breaker: CircuitBreaker | undefined;
  readonly #patienceMs: number;
  readonly #isElsewhere: (self: Endpoint) => boolean;
  #pending = 0;

  /**
   * @param patienceMs who got less time than that, and no answer, has learned nothing about the subgraph
   * @param isElsewhere whether another address could be asked instead
   */
  constructor(
    client: SubgraphClient,
    { failures, openMs, maxOpenMs }: FaultConfig['breaker'],
    patienceMs: number,
    isElsewhere: (self: Endpoint) => boolean,
  ) {
    this.#client = client;
    this.#patienceMs = patienceMs;
    this.#isElsewhere = isElsewhere;
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
    const hadMs = timeFor(context);
    this.#pending += 1;
    try {
      if (this.#breaker === undefined) return await call();
      return await this.#breaker.run(call, (error) => {
        // Whoever went away did not wait to the end.
        if (request.signal?.aborted) return true;
        if (isTimeout(error) && hadMs < this.#patienceMs) return true;
        return !showsFault(error) && !(isNoGraphQL(error) && this.#isElsewhere(this));
      });
    } finally {
      this.#pending -= 1;
    }
  }

  close(): Promise<void> {
    return this.#client.close();
  }
}

/** How long an attempt that begins now can be waited for, as far as its request has a say. */
function timeFor({ deadlineAt }: UpstreamContext): number {
  return deadlineAt === undefined ? Number.POSITIVE_INFINITY : deadlineAt - performance.now();
}

function isTimeout(error: unknown): boolean {
  return (error as { code?: unknown }).code === 'SUBGRAPH_TIMEOUT';
}

function showsFault(error: unknown): boolean {
  return isTransient(error) || isTimeout(error);
}

/**
 * It did answer, if badly. Whoever does that at once has always the fewest requests under way, and would be sent nearly all
 * of them: so it is left alone while there are others. Where it is the only one, such an answer is better than none. A
 * request that is refused (4xx) says nothing about who refuses it.
 */
function isNoGraphQL(error: unknown): boolean {
  if (!(error instanceof BadResponseError) || error.httpStatus === undefined) return false;
  return error.httpStatus < 400 || error.httpStatus >= 500;
}
