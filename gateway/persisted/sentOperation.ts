import { isJsonObject } from '../execution/json.js';

/** What a client sends to say which operation it wants, over whatever transport; nothing about it is checked. */
export interface SentOperation {
  readonly query?: unknown;
  readonly extensions?: unknown;
  readonly documentId?: unknown;
}

/** The text; an empty one is none, as `graphql-ws` sends it beside an id. */
export function textOf({ query }: SentOperation): string | undefined {
  return typeof query === 'string' && query !== '' ? query : undefined;
}

/** The hash in Apollo's form, which can also be one that was registered. */
export function hashOf({ extensions }: SentOperation): string | undefined {
  if (!isJsonObject(extensions)) return undefined;
  const { persistedQuery } = extensions;
  if (!isJsonObject(persistedQuery) || persistedQuery['version'] !== 1) return undefined;
  return named(persistedQuery['sha256Hash']);
}

/** The id, in either form. */
export function idOf(sent: SentOperation): string | undefined {
  return named(sent.documentId) ?? hashOf(sent);
}

export function withoutHash(extensions: unknown): Record<string, unknown> | undefined {
  if (!isJsonObject(extensions)) return undefined;
  const { persistedQuery: _, ...others } = extensions;
  return others;
}

function named(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
