import type { Registry } from 'prom-client';
import { limitedLabel, MAX_SUBGRAPHS } from '../../platform/metrics/boundedLabel.js';
import { pulledCounter, pulledGauge } from '../../platform/metrics/pulledMetric.js';
import { CLOSE_CODES, type CloseReason } from '../streaming/closeCodes.js';
import { fixedCounter } from './fixedCounter.js';

const TRANSPORTS = ['websocket', 'sse', 'multipart'] as const;
export type StreamTransport = (typeof TRANSPORTS)[number];
const STREAM_KINDS = ['subscription', 'live'] as const;
export type StreamKindName = (typeof STREAM_KINDS)[number];

/** What is under way at this moment. */
export interface StreamingSources {
  connections(transport: StreamTransport): number;
  streams(kind: StreamKindName): { readonly streams: number; readonly subscribers: number };
  /** What waits for clients. */
  queuedBytes(): number;
  /** By subgraph. */
  upstreamSubscriptions(): ReadonlyMap<string, number>;
}

export interface StreamingMetrics {
  /** A result was handed to the connection of a client. */
  sent(transport: StreamTransport): void;
  /** A connection was closed; without a reason of ours, by the client or the network. */
  closed(reason: CloseReason | undefined): void;
  /** One of those that were closed as too slow was so because too much waited for all clients together. */
  madeRoom(): void;
  upstreamEvent(subgraph: string): void;
  upstreamLost(subgraph: string): void;
  liveExecuted(): void;
  /** Once per gateway. */
  watch(sources: StreamingSources): void;
}

export function createStreamingMetrics(registry: Registry): StreamingMetrics {
  const subgraphLabel = limitedLabel(MAX_SUBGRAPHS);
  const events = new Map<string, number>();
  const losses = new Map<string, number>();
  let liveExecutions = 0;
  let closedForRoom = 0;
  const count = (counts: Map<string, number>, subgraph: string): void => {
    const label = subgraphLabel(subgraph);
    counts.set(label, (counts.get(label) ?? 0) + 1);
  };
  const bySubgraph = (counts: ReadonlyMap<string, number>) =>
    Array.from(counts, ([subgraph, value]) => ({ labels: { subgraph }, value }));

  const sent = fixedCounter({
    registry,
    name: 'headgate_stream_results_total',
    help: 'Results handed to the connections of clients.',
    labels: { kind: TRANSPORTS },
  });
  const closed = fixedCounter({
    registry,
    name: 'headgate_stream_closed_total',
    help: 'Connections closed, by why: a close code of ours, or `client` for the client and the network.',
    labels: { outcome: [...Object.keys(CLOSE_CODES), 'client'] },
  });
  pulledCounter({
    registry,
    name: 'headgate_stream_closed_for_room_total',
    help: 'Connections closed as too slow because too much waited for all clients together, not for them alone.',
    read: () => [{ value: closedForRoom }],
  });
  pulledCounter({
    registry,
    name: 'headgate_upstream_subscription_events_total',
    help: 'Events that subgraphs sent.',
    labelNames: ['subgraph'],
    read: () => bySubgraph(events),
  });
  pulledCounter({
    registry,
    name: 'headgate_upstream_subscription_losses_total',
    help: 'How often a subscription to a subgraph was lost, and events may have been missed.',
    labelNames: ['subgraph'],
    read: () => bySubgraph(losses),
  });
  pulledCounter({
    registry,
    name: 'headgate_live_executions_total',
    help: 'Executions of live queries, the first of each included.',
    read: () => [{ value: liveExecutions }],
  });

  return {
    sent: (transport) => sent([transport]),
    closed: (reason) => closed([reason ?? 'client']),
    madeRoom() {
      closedForRoom += 1;
    },
    upstreamEvent: (subgraph) => count(events, subgraph),
    upstreamLost: (subgraph) => count(losses, subgraph),
    liveExecuted() {
      liveExecutions += 1;
    },
    watch(sources) {
      pulledGauge({
        registry,
        name: 'headgate_stream_connections',
        help: 'WebSockets and streamed responses that are open.',
        labelNames: ['kind'],
        read: () => TRANSPORTS.map((kind) => ({ labels: { kind }, value: sources.connections(kind) })),
      });
      pulledGauge({
        registry,
        name: 'headgate_streams',
        help: 'Subscriptions and live queries that are executed; equal ones are one.',
        labelNames: ['kind'],
        read: () => STREAM_KINDS.map((kind) => ({ labels: { kind }, value: sources.streams(kind).streams })),
      });
      pulledGauge({
        registry,
        name: 'headgate_stream_subscribers',
        help: 'Operations of clients that get their results.',
        labelNames: ['kind'],
        read: () =>
          STREAM_KINDS.map((kind) => ({ labels: { kind }, value: sources.streams(kind).subscribers })),
      });
      pulledGauge({
        registry,
        name: 'headgate_stream_queued_bytes',
        help: 'Results that wait for clients to read them; what several wait for counts once.',
        read: () => [{ value: sources.queuedBytes() }],
      });
      pulledGauge({
        registry,
        name: 'headgate_upstream_subscriptions',
        help: 'Subscriptions to subgraphs.',
        labelNames: ['subgraph'],
        read: () => bySubgraph(sources.upstreamSubscriptions()),
      });
    },
  };
}
