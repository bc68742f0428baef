import type { IncomingMessage } from 'node:http';
import { CodedError } from '../../../platform/errors.js';
import type { RequestBounds } from '../../admission/createRequestBounds.js';
import { isJsonObject } from '../../execution/json.js';
import { idOf } from '../../persisted/sentOperation.js';
import type { StreamedRequest } from '../settledRequest.js';

export type StreamKind = 'sse' | 'multipart';

export interface AcceptedStream {
  readonly kind: StreamKind;
  /** Whether the client also takes a single JSON answer: then only what has to be streamed is. */
  readonly takesJson: boolean;
}

/** Which stream a client accepts; `undefined` for those who want one answer. */
export function acceptedStream(accept: string | undefined): AcceptedStream | undefined {
  if (accept === undefined) return undefined;
  const sseAt = accept.indexOf('text/event-stream');
  const multipartAt = accept.includes('subscriptionSpec') ? accept.indexOf('multipart/mixed') : -1;
  if (sseAt < 0 && multipartAt < 0) return undefined;
  const kind = multipartAt < 0 || (sseAt >= 0 && sseAt < multipartAt) ? 'sse' : 'multipart';
  return { kind, takesJson: /application\/(graphql-response\+)?json|\*\/\*/.test(accept) };
}

/** The last two name an operation by its id, so that its text need not be there. */
const STREAMED = ['subscription', '@live', '\\u', '"persistedQuery"', '"documentId"'].map((word) =>
  Buffer.from(word),
);
const STREAMED_URL = /subscription|(@|%40)live|persistedQuery|documentId/;

/** Whether a raw request can hold something that has to be streamed. */
export function mayStream(request: Pick<IncomingMessage, 'url'>, body: Buffer): boolean {
  const { url = '' } = request;
  return STREAMED_URL.test(url) || STREAMED.some((word) => body.includes(word));
}

/** The type itself: browsers send `text/plain; json` to anybody without asking first. */
const JSON_TYPE = /^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i;

/** @throws CodedError `BAD_REQUEST` or `BATCHING_NOT_SUPPORTED` */
export function decodeStreamRequest(
  request: IncomingMessage,
  body: Buffer,
  { refuseBatch }: Pick<RequestBounds, 'refuseBatch'>,
): StreamedRequest {
  const { method, headers, url = '' } = request;
  if (method === 'GET') return fromQuery(new URL(url, 'http://gateway').searchParams);
  if (method !== 'POST' || !JSON_TYPE.test(headers['content-type'] ?? '')) {
    throw new CodedError('BAD_REQUEST', 'Expected GET, or POST with the content type application/json.');
  }
  const value = parseJson(body.toString('utf8'), 'The body');
  if (Array.isArray(value)) throw refuseBatch();
  return checked(value);
}

function fromQuery(parameters: URLSearchParams): StreamedRequest {
  const json = (name: string) => {
    const text = parameters.get(name);
    return text === null || text === '' ? undefined : parseJson(text, name);
  };
  return checked({
    query: parameters.get('query') ?? undefined,
    documentId: parameters.get('documentId') ?? undefined,
    operationName: parameters.get('operationName') ?? undefined,
    variables: json('variables'),
    extensions: json('extensions'),
  });
}

function checked(value: unknown): StreamedRequest {
  if (!isJsonObject(value)) throw new CodedError('BAD_REQUEST', 'Expected one operation as a JSON object.');
  const { query, operationName, variables, extensions } = value;
  if (typeof query !== 'string' && (!isMissing(query) || idOf(value) === undefined))
    throw new CodedError('BAD_REQUEST', '"query" must be the text of a document.');
  const isName = operationName === undefined || operationName === null || typeof operationName === 'string';
  if (!isName) throw new CodedError('BAD_REQUEST', '"operationName" must be a name.');
  for (const [name, member] of Object.entries({ variables, extensions })) {
    if (member !== undefined && member !== null && !isJsonObject(member)) {
      throw new CodedError('BAD_REQUEST', `"${name}" must be an object.`);
    }
  }
  return value as StreamedRequest;
}

function isMissing(value: unknown): boolean {
  return value === undefined || value === null;
}

function parseJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new CodedError('BAD_REQUEST', `${what} is not JSON.`, { cause });
  }
}
