import type { Change } from './changeRing.js';

/**
 * Where one subscription stands in the change stream. With each event it goes out in `extensions.headgate { cursor,
 * operationTime }`: by the cursor a gateway resumes after its connection broke, as `extensions.headgate.resumeAfter` of
 * the operation; what it adds to the event is at least as new as the operation time.
 */
export interface EventPosition {
  /** Begin after this cursor; without it, now. */
  readonly after: string | undefined;
  /** The change behind the event that is being sent; there is only one at a time. */
  current: Pick<Change, 'cursor' | 'operationTime'> | undefined;
}

/** @param context of a resolver; there is no position where events carry their cursors themselves */
export function positionOf(context: unknown): EventPosition | undefined {
  return (context as { position?: EventPosition } | undefined)?.position;
}

/** @param extensions of the operation that subscribes */
export function createEventPosition(extensions: Readonly<Record<string, unknown>>): EventPosition {
  const own = extensions['headgate'];
  const after = (own as { resumeAfter?: unknown } | null | undefined)?.resumeAfter;
  return { after: typeof after === 'string' ? after : undefined, current: undefined };
}

/** @returns extensions of the event, `undefined` when nothing is known of it */
export function positionExtensions(position: EventPosition | undefined): Record<string, unknown> | undefined {
  if (position?.current === undefined) return undefined;
  const { cursor, operationTime } = position.current;
  return { headgate: { cursor, ...(operationTime !== undefined && { operationTime }) } };
}
