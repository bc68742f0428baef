import type { IncomingMessage } from 'node:http';
import { newRequestId } from './newRequestId.js';

export const REQUEST_ID_HEADER = 'x-request-id';
const ACCEPTABLE = /^[\w.:-]{1,64}$/;
/** On the request itself: a weak map costs several times as much, for each request, and again when garbage is collected. */
const ID = Symbol('request id');

interface Identified extends Pick<IncomingMessage, 'headers'> {
  [ID]?: string;
}

/** The caller's id when it is harmless to log, else a new one; the same for the life of the request. */
export function requestIdOf(request: Identified): string {
  const known = request[ID];
  if (known !== undefined) return known;
  const sent = request.headers[REQUEST_ID_HEADER];
  const id = typeof sent === 'string' && ACCEPTABLE.test(sent) ? sent : newRequestId();
  request[ID] = id;
  return id;
}
