import type { GraphQLFormattedError } from 'graphql';
import { meros } from 'meros/browser';

export interface IncrementalPart {
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly GraphQLFormattedError[];
  readonly path?: readonly (string | number)[];
  readonly label?: string;
}

export interface DeferredMessage extends IncrementalPart {
  readonly hasNext: boolean;
  readonly incremental?: readonly IncrementalPart[];
}

export const TAKES_PARTS = { accept: 'multipart/mixed;deferSpec=20220824,application/json;q=0.9' };

/** Asks as a client does that takes parts. */
export function askForParts(
  url: string,
  query: string,
  { variables, ...init }: RequestInit & { readonly variables?: Record<string, unknown> } = {},
): Promise<Response> {
  const headers = { 'content-type': 'application/json', ...TAKES_PARTS, ...(init.headers as object) };
  return fetch(url, { ...init, method: 'POST', headers, body: JSON.stringify({ query, variables }) });
}

/** The parts of a response, one by one as they come. */
export async function* partsOf(response: Response): AsyncGenerator<DeferredMessage, undefined> {
  const parts = await meros<DeferredMessage>(response);
  if (parts instanceof Response) throw new Error(`answered in one piece: ${await parts.text()}`);
  for await (const part of parts) {
    if (!part.json) throw new Error(`not JSON: ${part.body}`);
    yield part.body;
  }
}

/** What a client has once all parts are there. */
export function mergeParts(messages: readonly DeferredMessage[]): unknown {
  const root: Record<string, unknown> = { data: structuredClone(messages[0]?.data) };
  for (const { path = [], data } of messages.flatMap(({ incremental = [] }) => incremental)) {
    let place = root['data'] as Record<string | number, unknown>;
    for (const key of path) place = place[key] as Record<string | number, unknown>;
    if (data) merge(place, structuredClone(data));
  }
  return root['data'];
}

function merge(target: Record<string, unknown>, source: Record<string, unknown>): void {
  for (const [key, value] of Object.entries(source)) {
    const known = target[key];
    if (typeof known === 'object' && known !== null && typeof value === 'object' && value !== null)
      merge(known as Record<string, unknown>, value as Record<string, unknown>);
    else target[key] = value;
  }
}
