import { CodedError } from '../../platform/errors.js';
import type { SubgraphRequest, SubgraphResponse } from '../execution/types.js';
import { Endpoint } from './endpoint.js';
import type { FaultConfig } from './faultConfig.js';
import { fetchHedged } from './fetchHedged.js';
import { isTransient } from './isTransient.js';
import { RetryBudget } from './retryBudget.js';
import type { SubgraphClient, SubgraphState, UpstreamContext } from './subgraphClient.js';
import { waitUnlessAborted } from './waitUnlessAborted.js';

/** How often what happened, since the start. */
export interface AttemptCounts {
  /** Further attempts after one that failed. */
  retries: number;
  /** Attempts beside one that took long. */
  hedges: number;
  /** Further attempts that the budget did not allow. */
  unaffordable: number;
  /** Requests that failed at once, since every address was left alone. */
  refused: number;
}

export interface BalancedClient extends SubgraphClient {
  readonly endpoints: readonly Endpoint[];
  readonly counts: Readonly<AttemptCounts>;
}

export interface BalancedClientOptions {
  readonly name: string;
  readonly config: FaultConfig;
  /** One for each address. */
  readonly clients: readonly SubgraphClient[];
  /** A timeout counts against an address only if it had at least this long. */
  readonly patienceMs: number;
  /** From 0 up to 1, which it never is. @default Math.random */
  readonly random?: () => number;
}

/**
 * One subgraph at one or several addresses. Each attempt goes to the address with the fewest requests under way that is
 * not left alone; kept-alive connections would otherwise stay with whom they began with. Queries that fail in a way that
 * may pass are tried again, elsewhere where there is an elsewhere; mutations never are.
 */
export function createBalancedClient(options: BalancedClientOptions): BalancedClient {
  const { name, config, clients, patienceMs, random = Math.random } = options;
  const { retry, hedgeAfterMs } = config;
  const isElsewhere = (one: Endpoint) => endpoints.some((other) => other !== one && other.admits);
  const endpoints: readonly Endpoint[] = clients.map(
    (client) => new Endpoint(client, config.breaker, patienceMs, isElsewhere),
  );
  const budget = new RetryBudget({ ratio: retry.budget });
  const counts: AttemptCounts = { retries: 0, hedges: 0, unaffordable: 0, refused: 0 };

  /**
   * The least busy one; of those that are not in `tried`, if there are any. Of several at random: where little is under way
   * the first of the list, for all gateways the same one, would serve alone.
   */
  function choose(tried: ReadonlySet<Endpoint>, mayTry = true): Endpoint | undefined {
    let candidates = endpoints.filter((endpoint) => endpoint.admits);
    if (candidates.length < 2) return candidates[0];
    candidates = preferred(candidates, (endpoint) => !tried.has(endpoint));
    if (!mayTry) candidates = preferred(candidates, ({ breakerState }) => breakerState === 'closed');
    const least = Math.min(...candidates.map(({ pending }) => pending));
    const idlest = candidates.filter(({ pending }) => pending === least);
    return idlest[Math.floor(random() * idlest.length)];
  }

  async function attempt(request: SubgraphRequest, context: UpstreamContext, tried: Set<Endpoint>) {
    // Whether an address is up again is tried with what can be sent once more elsewhere.
    const endpoint = choose(tried, request.operationKind === 'query');
    if (endpoint === undefined) {
      counts.refused += 1;
      throw leftAlone(name);
    }
    tried.add(endpoint);
    return endpoint.fetch(request, context);
  }

  function afford(): boolean {
    if (budget.take()) return true;
    counts.unaffordable += 1;
    return false;
  }

  function attemptOrTwo(request: SubgraphRequest, context: UpstreamContext, tried: Set<Endpoint>) {
    if (hedgeAfterMs === undefined) return attempt(request, context, tried);
    return fetchHedged({
      afterMs: hedgeAfterMs,
      signal: request.signal,
      mayHedge() {
        const may = choose(tried) !== undefined && afford();
        if (may) counts.hedges += 1;
        return may;
      },
      fetch: (signal) => attempt({ ...request, signal }, context, tried),
    });
  }

  async function fetchQuery(request: SubgraphRequest, context: UpstreamContext): Promise<SubgraphResponse> {
    const tried = new Set<Endpoint>();
    for (let retries = 0; ; retries++) {
      try {
        return await attemptOrTwo(request, context, tried);
      } catch (error) {
        if (retries >= retry.attempts || request.signal?.aborted || !isTransient(error)) throw error;
        const isElsewhere = endpoints.some((endpoint) => endpoint.admits && !tried.has(endpoint));
        const backoffMs = isElsewhere
          ? 0
          : random() * Math.min(retry.backoffMs * 2 ** retries, retry.maxBackoffMs);
        const isTime = context.deadlineAt === undefined || performance.now() + backoffMs < context.deadlineAt;
        if (choose(tried) === undefined || !isTime || !afford()) throw error;
        await waitUnlessAborted(backoffMs, request.signal);
        counts.retries += 1;
      }
    }
  }

  return {
    url: clients.map(({ url }) => url).join(' '),
    endpoints,
    counts,
    get state() {
      return stateOf(endpoints);
    },
    fetch(request, context) {
      budget.deposit();
      if (request.operationKind === 'query') return fetchQuery(request, context);
      return attempt(request, context, new Set());
    },
    async close() {
      await Promise.all(endpoints.map((endpoint) => endpoint.close()));
    },
  };
}

/** Those that are as wished, or all where none is. */
function preferred(all: Endpoint[], isWished: (endpoint: Endpoint) => boolean): Endpoint[] {
  const wished = all.filter(isWished);
  return wished.length > 0 ? wished : all;
}

/** Up when any address is. */
function stateOf(endpoints: readonly Endpoint[]): SubgraphState {
  const states = new Set(endpoints.map(({ state }) => state));
  if (states.has('up')) return 'up';
  return states.has('down') ? 'down' : 'unknown';
}

function leftAlone(name: string): CodedError {
  const message = `Subgraph "${name}" was not asked, since it failed too often of late.`;
  return new CodedError('SUBGRAPH_UNAVAILABLE', message, { extensions: { service: name } });
}
