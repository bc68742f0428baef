import type { ServerResponse } from 'node:http';
import { type CodedError, ERROR_CODES } from '../errors.js';

/** Sends `value` as JSON, unless the client has gone or an answer has begun. */
export function sendJson(response: ServerResponse, status: number, value: unknown): void {
  if (response.headersSent || response.destroyed) return;
  const body = Buffer.from(JSON.stringify(value));
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': body.length,
  });
  response.end(body);
}

/** A request that failed before GraphQL could answer it. */
export function sendCodedError(response: ServerResponse, error: CodedError): void {
  if (response.headersSent) return;
  // What is left of a refused body must not be read as the next request of this connection.
  if (error.code === 'REQUEST_TOO_LARGE') response.setHeader('connection', 'close');
  const { retryAfterSeconds } = error.extensions;
  if (typeof retryAfterSeconds === 'number') response.setHeader('retry-after', Math.ceil(retryAfterSeconds));
  // Some codes have the status 200, and to any status that it knows a cache on the way may give a life of its own.
  response.setHeader('cache-control', 'no-store');
  for (const [name, value] of Object.entries(error.headers)) response.setHeader(name, value);
  const { http: _, ...extensions } = error.extensions;
  sendJson(response, ERROR_CODES[error.code].status, { errors: [{ message: error.message, extensions }] });
}
