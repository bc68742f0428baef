import type { Registry } from 'prom-client';
import { limitedLabel, MAX_SUBGRAPHS } from '../../platform/metrics/boundedLabel.js';
import { pulledCounter, pulledGauge } from '../../platform/metrics/pulledMetric.js';
import type { AttemptCounts, BalancedClient } from '../upstream/balancedClient.js';

const OUTCOMES = {
  retries: 'retried',
  hedges: 'hedged',
  unaffordable: 'unaffordable',
  refused: 'refused',
} as const satisfies Record<keyof AttemptCounts, string>;

const BREAKER_STATES = ['closed', 'open', 'half-open'] as const;

export interface EndpointSources {
  readonly clients: { newest(): ReadonlyMap<string, Pick<BalancedClient, 'endpoints' | 'counts'>> };
}

/** How the addresses of subgraphs fare. Names of subgraphs are labels, addresses are not: there is no end to them. */
export function createEndpointMetrics(registry: Registry, { clients }: EndpointSources): void {
  const subgraphLabel = limitedLabel(MAX_SUBGRAPHS);
  pulledGauge({
    registry,
    name: 'headgate_subgraph_endpoints',
    help: 'Addresses of a subgraph, by the state of their circuit breakers. Open: left alone for now.',
    labelNames: ['subgraph', 'state'],
    *read() {
      for (const [name, { endpoints }] of clients.newest()) {
        const subgraph = subgraphLabel(name);
        for (const state of BREAKER_STATES) {
          const value = endpoints.filter(({ breakerState }) => breakerState === state).length;
          yield { labels: { subgraph, state }, value };
        }
      }
    },
  });
  pulledCounter({
    registry,
    name: 'headgate_subgraph_attempts_total',
    help: 'Attempts beyond the first of a request, made (retried, hedged) or not (unaffordable: the budget was used up; refused: every address was left alone).',
    labelNames: ['subgraph', 'outcome'],
    *read() {
      for (const [name, { counts }] of clients.newest()) {
        const subgraph = subgraphLabel(name);
        for (const key of Object.keys(OUTCOMES) as (keyof AttemptCounts)[]) {
          yield { labels: { subgraph, outcome: OUTCOMES[key] }, value: counts[key] };
        }
      }
    },
  });
}
