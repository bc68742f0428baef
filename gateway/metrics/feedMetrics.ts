import type { Registry } from 'prom-client';
import { limitedLabel, MAX_SUBGRAPHS } from '../../platform/metrics/boundedLabel.js';
import { pulledCounter, pulledGauge } from '../../platform/metrics/pulledMetric.js';
import type { FeedStatus } from '../cache/feed/feed.js';
import type { FeedState } from '../cache/feed/feedTrust.js';

const FEED_STATES = ['connecting', 'catching-up', 'live', 'behind'] as const satisfies FeedState[];

/** How far the invalidation feed of each subgraph is. @param statuses of the feeds that are being read */
export function createFeedMetrics(registry: Registry, statuses: () => readonly FeedStatus[]): void {
  const subgraphLabel = limitedLabel(MAX_SUBGRAPHS);
  const labelNames = ['subgraph'] as const;
  const each = (read: (status: FeedStatus) => number) => () =>
    statuses().map((status) => ({
      labels: { subgraph: subgraphLabel(status.subgraph) },
      value: read(status),
    }));
  pulledGauge({
    registry,
    name: 'headgate_feed_state',
    help: '1 for the state that the feed of a subgraph is in, 0 for the others. Behind: its records are not served as fresh.',
    labelNames: ['subgraph', 'state'],
    *read() {
      for (const { subgraph, state: current } of statuses()) {
        for (const state of FEED_STATES) {
          yield {
            labels: { subgraph: subgraphLabel(subgraph), state },
            value: state === current ? 1 : 0,
          };
        }
      }
    },
  });
  pulledGauge({
    registry,
    name: 'headgate_feed_unconfirmed_seconds',
    help: 'Since when nothing has confirmed that every change is applied: the lag is no longer than that.',
    labelNames,
    read: each((status) => status.unconfirmedForMs / 1000),
  });
  pulledGauge({
    registry,
    name: 'headgate_feed_queued_tags',
    help: 'Tags that were received and wait to be purged.',
    labelNames,
    read: each((status) => status.queuedTags),
  });
  pulledCounter({
    registry,
    name: 'headgate_feed_events_total',
    help: 'Events applied, heartbeats included.',
    labelNames,
    read: each((status) => status.events),
  });
  pulledCounter({
    registry,
    name: 'headgate_feed_connections_total',
    help: 'Connections made to the feed: one, and one more after each break.',
    labelNames,
    read: each((status) => status.connections),
  });
  pulledCounter({
    registry,
    name: 'headgate_feed_epochs_total',
    help: 'How often events may have been missed, so that everything of the subgraph was purged.',
    labelNames,
    read: each((status) => status.epochs),
  });
}
