import type { IncomingMessage } from 'node:http';

export interface PlainRequest {
  readonly query: string;
  readonly operationName: string | null | undefined;
  readonly variables: Readonly<Record<string, unknown>> | null | undefined;
}

const JSON_TYPE = /^application\/json\s*(?:;|$)/i;

/** The GraphQL request in a POST of JSON, where nothing about it is unusual or wrong; `undefined` for any other. */
export function readPlainRequest(request: IncomingMessage, body: Buffer): PlainRequest | undefined {
  if (request.method !== 'POST' || !JSON_TYPE.test(request.headers['content-type'] ?? '')) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
  if (!isRecord(value)) return undefined;
  const { query, operationName, variables, extensions } = value;
  if (typeof query !== 'string' || query === '') return undefined;
  if (!isMissing(operationName) && typeof operationName !== 'string') return undefined;
  if (!isMissing(variables) && !isRecord(variables)) return undefined;
  // A persisted query among them has to be looked up or registered.
  if (!isMissing(extensions) && (!isRecord(extensions) || 'persistedQuery' in extensions)) return undefined;
  return { query, operationName, variables };
}

function isMissing(value: unknown): value is null | undefined {
  return value === null || value === undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
