import type { ResumeToken } from 'mongodb';
import { CursorLostError } from '../errors.js';
import { formatOperationTime, type OperationTime } from '../operationTime.js';

const CURSOR = /^([^:\s]{1,64}):([0-9a-fA-F]{2,8192})$/;
/** A resume token starts with its cluster time: type byte 0x82, then the 64-bit timestamp. */
const TOKEN_TIME = /^82([0-9a-f]{16})/i;

/** A cursor is `<cluster>:<resume token's text>`: a server would accept some tokens of another cluster. */
export function cursorOf(cluster: string, token: ResumeToken): string {
  return `${cluster}:${tokenText(token)}`;
}

/** Fails with `CursorLostError` for anything that is not a cursor of this cluster. */
export function resumeTokenOf(cluster: string, cursor: string): { readonly _data: string } {
  const match = CURSOR.exec(cursor);
  if (match?.[1] !== cluster) throw new CursorLostError('this cursor was not made by this cluster');
  return { _data: match[2] as string };
}

/** Everything up to this time is before the token. */
export function timeOfToken(cluster: string, token: ResumeToken): OperationTime | undefined {
  const match = TOKEN_TIME.exec(tokenText(token));
  return match ? formatOperationTime(cluster, BigInt(`0x${match[1]}`)) : undefined;
}

function tokenText(token: ResumeToken): string {
  return String((token as { _data?: unknown } | null | undefined)?._data);
}
