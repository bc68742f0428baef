import { tagLiteral } from '../fetch/tags/tagText.js';

/** What a subgraph's feed sends. */
export interface FeedEvent {
  /** What has changed; empty for a heartbeat. */
  readonly tags: readonly string[];
  /** Resumes right after this event. Opaque. */
  readonly cursor: string;
  readonly operationTime: string | undefined;
}

/** `undefined` for anything else: feeds are written by teams that we do not know. */
export function parseFeedEvent(data: unknown): FeedEvent | undefined {
  const value = (data as { invalidations?: unknown } | null | undefined)?.invalidations;
  if (typeof value !== 'object' || value === null) return undefined;
  const { tags, cursor, operationTime } = value as Record<string, unknown>;
  if (typeof cursor !== 'string' || cursor === '') return undefined;
  if (!Array.isArray(tags) || !tags.every((tag) => typeof tag === 'string')) return undefined;
  return {
    tags: tags.map(tagLiteral),
    cursor,
    operationTime: typeof operationTime === 'string' ? operationTime : undefined,
  };
}
