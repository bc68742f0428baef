import type { ServerResponse } from 'node:http';
import type { ErrorCodeName } from '../../platform/errors.js';
import { sendJson } from '../../platform/http/sendJson.js';

const STATUS = {
  BAD_REQUEST: 400,
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  NOTHING_PUBLISHED: 404,
  COMPOSITION_FAILED: 422,
  OPERATIONS_REFUSED: 422,
  SCHEMA_TOO_COSTLY: 422,
  NOT_READY: 503,
} as const satisfies Partial<Record<ErrorCodeName, number>>;

/** Why the registry does not do what it was asked. Unlike a GraphQL error it always has a status of its own. */
export class RegistryRefusal extends Error {
  override readonly name = 'RegistryRefusal';
  constructor(
    readonly code: keyof typeof STATUS,
    message: string,
    readonly extensions: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
  }
}

/** In the shape of every other error of Headgate. */
export function sendRegistryRefusal(
  response: ServerResponse,
  { code, message, extensions }: RegistryRefusal,
): void {
  if (code === 'UNAUTHENTICATED') response.setHeader('www-authenticate', 'Bearer');
  // The body of a refused request may not have been read: it must not be taken for the next request.
  response.setHeader('connection', 'close');
  sendJson(response, STATUS[code], { errors: [{ message, extensions: { ...extensions, code } }] });
}
