import type { IncomingMessage } from 'node:http';
import type { Verdict } from '../persisted/createPersistedOperations.js';
import type { SentOperation } from '../persisted/sentOperation.js';

export interface PlainRequest {
  readonly query: string;
  readonly operationName: string | null | undefined;
  readonly variables: Readonly<Record<string, unknown>> | null | undefined;
  readonly verdict: Verdict;
}

const JSON_TYPE = /^application\/json\s*(?:;|$)/i;

/**
 * The GraphQL request in a POST of JSON, where nothing about it is unusual or wrong; `undefined` for any other.
 *
 * @param judge finds the text of an id, and says what may be run
 */
export function readPlainRequest(
  request: IncomingMessage,
  body: Buffer,
  judge: (sent: SentOperation) => Verdict,
): PlainRequest | undefined {
  if (request.method !== 'POST' || !JSON_TYPE.test(request.headers['content-type'] ?? '')) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
  if (!isRecord(value)) return undefined;
  const { query, operationName, variables, extensions } = value;
  if (!isMissing(operationName) && typeof operationName !== 'string') return undefined;
  if (!isMissing(variables) && !isRecord(variables)) return undefined;
  if (!isMissing(query) && typeof query !== 'string') return undefined;
  if (!isMissing(extensions) && !isRecord(extensions)) return undefined;
  const verdict = judge(value);
  if (verdict.text === undefined) return undefined;
  // A text that is sent with its hash has to be registered.
  if (!verdict.byId && isRecord(extensions) && 'persistedQuery' in extensions) return undefined;
  return { query: verdict.text, operationName, variables, verdict };
}

function isMissing(value: unknown): value is null | undefined {
  return value === null || value === undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
