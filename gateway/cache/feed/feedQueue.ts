import { subgraphTag } from '../invalidation.js';
import type { FeedEvent } from './feedEvent.js';

/** Events that follow each other, to be applied as one. */
export interface FeedBatch {
  readonly tags: readonly string[];
  /** Of the last event. */
  readonly cursor: string;
  /** Of the last event that has one. */
  readonly operationTime: string | undefined;
  /** Of the last event with tags that has one. */
  readonly changedAt: string | undefined;
  /** When the last event came. */
  readonly receivedAt: number;
  /** Whether the last event was a heartbeat. */
  readonly quiet: boolean;
  readonly events: number;
}

export interface FeedQueueLimits {
  /** Tags in one batch; one event with more is still a batch. */
  readonly maxBatchTags: number;
  /** Tags that wait; with more, what waits becomes one purge of the whole subgraph. */
  readonly maxQueuedTags: number;
}

type Waiting = Omit<FeedBatch, 'tags'> & { readonly tags: Set<string> };

/** What came while a purge was under way. Bounded, whatever the feed sends. */
export class FeedQueue {
  #waiting: Waiting[] = [];
  #tags = 0;

  constructor(
    readonly subgraph: string,
    readonly limits: FeedQueueLimits,
  ) {}

  /** How many tags wait. */
  get tags(): number {
    return this.#tags;
  }

  push(event: FeedEvent, receivedAt: number): void {
    const { maxBatchTags, maxQueuedTags } = this.limits;
    const last = this.#waiting.at(-1);
    const joins = last !== undefined && last.tags.size + event.tags.length <= maxBatchTags;
    const before = joins ? last : undefined;
    const tags = before?.tags ?? new Set<string>();
    this.#tags -= tags.size;
    for (const tag of event.tags) tags.add(tag);
    this.#tags += tags.size;
    const quiet = event.tags.length === 0;
    const next: Waiting = {
      tags,
      cursor: event.cursor,
      operationTime: event.operationTime ?? before?.operationTime,
      changedAt: (quiet ? undefined : event.operationTime) ?? before?.changedAt,
      receivedAt,
      quiet,
      events: (before?.events ?? 0) + 1,
    };
    if (joins) this.#waiting.pop();
    this.#waiting.push(next);
    if (this.#tags > maxQueuedTags) this.#collapse(next);
  }

  /** The oldest batch. */
  take(): FeedBatch | undefined {
    const batch = this.#waiting.shift();
    if (batch === undefined) return undefined;
    this.#tags -= batch.tags.size;
    return { ...batch, tags: [...batch.tags] };
  }

  clear(): void {
    this.#waiting = [];
    this.#tags = 0;
  }

  #collapse(last: Waiting): void {
    const latest = (pick: (batch: Waiting) => string | undefined) =>
      this.#waiting.map(pick).findLast((time) => time !== undefined);
    this.#waiting = [
      {
        ...last,
        tags: new Set([subgraphTag(this.subgraph)]),
        operationTime: latest((batch) => batch.operationTime),
        changedAt: latest((batch) => batch.changedAt),
        events: this.#waiting.reduce((sum, { events }) => sum + events, 0),
      },
    ];
    this.#tags = 1;
  }
}
