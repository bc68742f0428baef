import type { ResumeToken } from 'mongodb';
import { CursorLostError } from '../errors.js';
import { formatOperationTime, type OperationTime } from '../operationTime.js';

const CURSOR = /^([^:\s]{1,64}):([0-9a-fA-F]{2,8192})(?::([0-9a-fA-F]{0,8192}))?$/;
/** A resume token starts with its cluster time: type byte 0x82, then the 64-bit timestamp. */
const TOKEN_TIME = /^82([0-9a-f]{16})/i;

/** A resume token as the driver takes it. */
export interface Token {
  readonly _data: string;
}

export interface ChangePlace {
  readonly token: Token;
  /** The last event at or before the token, as far as the feed that gave the cursor knew one. */
  readonly lastEvent: Token | undefined;
}

/** A cursor is `<cluster>:<resume token's text>`: a server would accept some tokens of another cluster. */
export function cursorOf(cluster: string, token: ResumeToken): string {
  return `${cluster}:${tokenText(token)}`;
}

/** Between events, `:<token of the last event>` follows, which may be empty. */
export function heartbeatCursorOf(
  cluster: string,
  token: ResumeToken,
  lastEvent: ResumeToken | undefined,
): string {
  return `${cursorOf(cluster, token)}:${lastEvent === undefined ? '' : tokenText(lastEvent)}`;
}

/** Fails with `CursorLostError` for anything that is not a cursor of this cluster. */
export function placeOf(cluster: string, cursor: string): ChangePlace {
  const [, of, token, lastEvent = token] = CURSOR.exec(cursor) ?? [];
  if (of !== cluster || token === undefined) {
    throw new CursorLostError('this cursor was not made by this cluster');
  }
  // No text at all: no event was known.
  return { token: { _data: token }, lastEvent: lastEvent ? { _data: lastEvent } : undefined };
}

/** Everything up to this time is before the token. */
export function timeOfToken(cluster: string, token: ResumeToken): OperationTime | undefined {
  const ticks = ticksOfToken(token);
  return ticks === undefined ? undefined : formatOperationTime(cluster, ticks);
}

/** The same as the number that MongoDB's `Timestamp` holds. */
export function ticksOfToken(token: ResumeToken): bigint | undefined {
  const match = TOKEN_TIME.exec(tokenText(token));
  return match ? BigInt(`0x${match[1]}`) : undefined;
}

export function isSameToken(one: ResumeToken, other: ResumeToken): boolean {
  return tokenText(one) === tokenText(other);
}

function tokenText(token: ResumeToken): string {
  return String((token as { _data?: unknown } | null | undefined)?._data);
}
