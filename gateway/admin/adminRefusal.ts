import type { ServerResponse } from 'node:http';
import { sendJson } from '../../platform/http/sendJson.js';

/** Why the admin listener, or the explorer, does not do what it was asked. Unlike a GraphQL error it always has a status of its own. */
export class AdminRefusal extends Error {
  override readonly name = 'AdminRefusal';

  constructor(
    readonly status: 400 | 401 | 403 | 404 | 405 | 415 | 503,
    message: string,
    /** What was wrong, as a path such as `tags[2]`. */
    readonly argument?: string,
  ) {
    super(argument === undefined ? message : `${argument}: ${message}`);
  }
}

const CODES = {
  400: 'BAD_REQUEST',
  401: 'UNAUTHENTICATED',
  403: 'FORBIDDEN',
  404: 'BAD_REQUEST',
  405: 'BAD_REQUEST',
  415: 'BAD_REQUEST',
  503: 'NOT_READY',
} as const;

/** In the shape of every other error of the gateway. */
export function sendRefusal(response: ServerResponse, { status, message, argument }: AdminRefusal): void {
  if (status === 401) response.setHeader('www-authenticate', 'Bearer');
  // The body of a refused request may not have been read: it must not be taken for the next request.
  response.setHeader('connection', 'close');
  const code = CODES[status];
  sendJson(response, status, {
    errors: [{ message, extensions: { code, ...(argument !== undefined && { argument }) } }],
  });
}
