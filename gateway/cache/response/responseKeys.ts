import { hash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** Under which names the answer to one raw request is kept, or waited for. */
export interface ResponseKeys {
  /** For everyone: what no part of which depends on who asks. */
  readonly shared: string;
  /** For this identity alone, or for the anonymous alone. */
  readonly scoped: string;
}

export interface ResponseKeyOptions {
  readonly request: IncomingMessage;
  /** Empty for GET. */
  readonly body: Buffer;
  /** Of the graph that answers, and of the lists that say what may be asked. */
  readonly schemaId: string;
  /** Lower-case names of the client's headers that subgraphs are sent, and answer by, or that decide what may be asked. */
  readonly propagatedHeaders: readonly string[];
  /** Hash of the identity; `undefined` for nobody. */
  readonly identityKey: string | undefined;
}

/** Headers that decide whether Apollo Server takes a request at all, or in which format it answers. */
const DECISIVE_HEADERS = ['accept', 'content-type', 'x-apollo-operation-name', 'apollo-require-preflight'];

/**
 * Hashes of all that the answer can depend on, taken from the raw bytes: nothing is parsed for a hit. Each part is
 * preceded by its length, so that no two requests can share a key by moving characters between parts.
 */
export function responseKeys(options: ResponseKeyOptions): ResponseKeys {
  const { request, body, schemaId, propagatedHeaders, identityKey } = options;
  let head = `${schemaId}\n${part(request.method ?? '')}${part(request.url ?? '')}`;
  for (const name of DECISIVE_HEADERS) head += part(headerOf(request, name));
  for (const name of propagatedHeaders) head += part(headerOf(request, name));
  // At once, and as text: a hash object costs more than what it does, and is one more thing to collect.
  const shared = hash('sha256', head + body.toString('latin1'), 'base64url');
  return {
    shared: `r:${shared}`,
    scoped: identityKey === undefined ? `r:${shared}:anonymous` : `r:${shared}:${identityKey}`,
  };
}

function headerOf(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
}

/** A header that is empty is not the same as none: a subgraph can tell them apart. */
function part(text: string | undefined): string {
  if (text === undefined) return '-\n';
  return `${text.length}:${text}\n`;
}
