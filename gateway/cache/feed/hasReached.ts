import { parseOperationTime } from '../../../platform/database/operationTime.js';
import type { FeedEvent } from './feedEvent.js';

/** How far a feed has been applied. */
export interface FeedPosition {
  readonly cursor: string | undefined;
  readonly operationTime: string | undefined;
  /** Whether the last thing applied was a heartbeat that came after `now` had been asked. */
  readonly quiet: boolean;
}

/**
 * Whether all that had happened when `now` was asked for has been applied: the position has its cursor, or its time or
 * a later one of the same cluster. A feed that gives no times is believed when it sends a heartbeat, which says that
 * nothing is left to send.
 */
export function hasReached(position: FeedPosition, now: FeedEvent): boolean {
  if (position.cursor === now.cursor) return true;
  if (now.operationTime === undefined) return position.quiet;
  return position.operationTime !== undefined && isAtLeast(position.operationTime, now.operationTime);
}

/** False for times of different clusters, which do not compare. */
export function isAtLeast(time: string, other: string): boolean {
  const a = parseOperationTime(time);
  const b = parseOperationTime(other);
  return a !== undefined && b !== undefined && a.cluster === b.cluster && a.value >= b.value;
}
