import { systemTimers, type Timers } from '../../../platform/database/timers.js';
import type { Logger } from '../../../platform/logger.js';
import { type UpstreamListener, UpstreamSubscription } from './upstreamSubscription.js';
import type { UpstreamRequest, UpstreamTransport } from './upstreamTransport.js';

export interface UpstreamSubscriptionsOptions {
  transportFor(request: UpstreamRequest): UpstreamTransport;
  readonly retryForMs: number;
  readonly endOnGap: boolean;
  readonly timers?: Timers | undefined;
  readonly logger: Logger;
  onEvent(subgraph: string): void;
  /** A subscription that had been taken is lost. */
  onLost(subgraph: string): void;
}

/** All subscriptions at subgraphs; those who want the same events share one. */
export interface UpstreamSubscriptions {
  /** @returns a function that leaves */
  listen(request: UpstreamRequest, listener: UpstreamListener): () => void;
  /** How many there are, by subgraph. */
  counts(): ReadonlyMap<string, number>;
}

export function createUpstreamSubscriptions(options: UpstreamSubscriptionsOptions): UpstreamSubscriptions {
  const { retryForMs, endOnGap, timers = systemTimers, logger } = options;
  const byKey = new Map<string, UpstreamSubscription>();
  return {
    listen(request, listener) {
      const { key, subgraph } = request;
      let subscription = byKey.get(key);
      if (subscription === undefined || subscription.over) {
        const made: UpstreamSubscription = new UpstreamSubscription(request, {
          transport: options.transportFor(request),
          retryForMs,
          endOnGap,
          timers,
          logger,
          onEvent: () => options.onEvent(subgraph),
          onLost: () => options.onLost(subgraph),
          onEnd() {
            if (byKey.get(key) === made) byKey.delete(key);
          },
        });
        byKey.set(key, made);
        subscription = made;
      }
      return subscription.listen(listener);
    },
    counts() {
      const counts = new Map<string, number>();
      for (const { subgraph } of byKey.values()) counts.set(subgraph, (counts.get(subgraph) ?? 0) + 1);
      return counts;
    },
  };
}
