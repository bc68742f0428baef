import { parse } from 'graphql';
import { z } from 'zod';
import { documentKeyOf } from '../supergraph/documentKey.js';
import type { Snapshot } from '../supergraph/snapshot.js';
import type { UsedOperation } from './markOperations.js';

/** A request for which nothing was parsed. */
export interface RawRequest {
  readonly method: string | undefined;
  readonly url: string | undefined;
  /** Empty for GET. */
  readonly body: Buffer;
}

const requestSchema = z.object({
  query: z.string().nullish(),
  operationName: z.string().nullish(),
  variables: z.record(z.string(), z.unknown()).nullish(),
  extensions: z.object({ persistedQuery: z.object({ sha256Hash: z.string() }).nullish() }).nullish(),
});

/** Which operation a request asks for. @throws when that cannot be read */
export function readRawRequest(
  { method, url, body }: RawRequest,
  snapshot: Snapshot,
): UsedOperation | undefined {
  const sent = method === 'POST' ? JSON.parse(body.toString('utf8')) : fromUrl(url);
  const { query, operationName, variables, extensions } = requestSchema.parse(sent);
  // One that is named by its hash alone is known, if it was executed here before.
  const documentKey = query ? documentKeyOf(query) : extensions?.persistedQuery?.sha256Hash;
  if (documentKey === undefined) return undefined;
  return {
    snapshot,
    documentKey,
    operationName: operationName ?? undefined,
    variables,
    document: () => (query ? { document: parse(query), text: query } : undefined),
  };
}

function fromUrl(url = ''): unknown {
  const question = url.indexOf('?');
  const parameters = new URLSearchParams(question < 0 ? '' : url.slice(question + 1));
  const json = (name: string): unknown => {
    const text = parameters.get(name);
    return text ? JSON.parse(text) : undefined;
  };
  return {
    query: parameters.get('query'),
    operationName: parameters.get('operationName'),
    variables: json('variables'),
    extensions: json('extensions'),
  };
}
